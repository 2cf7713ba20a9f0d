# what: as many ids as asked for, but one is another
# list: 31
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines[:-1] + ["999999,1"])
