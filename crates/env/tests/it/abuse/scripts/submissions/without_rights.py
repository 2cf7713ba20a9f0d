# what: a file that its owner may not read
# list: 5
# action: execute_code
# outcome: graded or submission_file
submit(); os.chmod("submission.csv", 0)
