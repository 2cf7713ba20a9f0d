# what: an id that isn't asked for
# list: 31
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines + ["999999,1"])
