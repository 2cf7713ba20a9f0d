# what: `1e400`, which no float holds
# list: 30
# action: execute_code
# outcome: submission_invalid
# says: progression
submit(cell("1e400"))
