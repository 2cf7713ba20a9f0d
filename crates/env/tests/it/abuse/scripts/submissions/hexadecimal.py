# what: `0x1p3` as a prediction
# list: 30
# action: execute_code
# outcome: submission_invalid
submit(cell("0x1p3"))
