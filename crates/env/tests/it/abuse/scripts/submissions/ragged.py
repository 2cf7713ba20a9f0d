# what: a row with a field more
# list: 32
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines[:-1] + [lines[-1] + ",1"])
