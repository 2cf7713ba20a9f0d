# what: predictions without ids
# list: 31
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: [line.split(",")[1] for line in lines])
