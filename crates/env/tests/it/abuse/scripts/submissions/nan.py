# what: NaN as a prediction
# list: 30
# action: execute_code
# outcome: submission_invalid
# says: progression
submit(cell("nan"))
