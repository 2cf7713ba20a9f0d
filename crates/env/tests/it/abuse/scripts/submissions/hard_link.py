# what: a file with a second name
# list: 4
# action: execute_code
# outcome: submission_file
# says: a hard link
submit(); os.link("submission.csv", "second")
