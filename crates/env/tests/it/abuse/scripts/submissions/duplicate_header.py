# what: the same column twice
# list: 32
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: [lines[0] + ",progression"] + [line + ",1" for line in lines[1:]])
