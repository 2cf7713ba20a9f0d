# what: a named pipe that nobody writes to
# list: 6
# action: execute_code
# outcome: submission_file
# says: a named pipe
os.mkfifo("submission.csv")
