# what: an empty file
# list: 35
# action: execute_code
# outcome: submission_invalid
open("submission.csv", "w").close()
