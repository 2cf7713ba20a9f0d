# what: a header without rows
# list: 35
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines[:1])
