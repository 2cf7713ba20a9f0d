# what: an id twice
# list: 31
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines + lines[1:2])
