# what: an id less
# list: 31
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines[:-1])
