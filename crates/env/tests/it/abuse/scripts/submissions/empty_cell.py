# what: no prediction in one row
# list: 30
# action: execute_code
# outcome: submission_invalid
submit(cell(""))
