# what: a number of a million digits
# list: 30
# action: execute_code
# outcome: submission_invalid or graded
submit(cell("1." + "0" * 1_000_000))
