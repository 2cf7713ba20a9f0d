# what: `1_000` as a prediction
# list: 30
# action: execute_code
# outcome: submission_invalid
submit(cell("1_000"))
