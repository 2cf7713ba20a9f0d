# what: a folder
# list: 6
# action: execute_code
# outcome: submission_file
# says: a folder
os.makedirs("submission.csv/inner")
