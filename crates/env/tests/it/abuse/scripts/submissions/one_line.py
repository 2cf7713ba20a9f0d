# what: one line of 10 MB
# list: 7
# action: execute_code
# outcome: submission_invalid
with open("submission.csv", "wb") as file: file.write(b"id,progression\n3," + b"1" * (10 << 20))
