# what: a sparse file of a terabyte
# list: 7
# action: execute_code
# outcome: submission_file
# says: the limit is
# limits: file_size=2T
with open("submission.csv", "wb") as file: file.truncate(1 << 40)
