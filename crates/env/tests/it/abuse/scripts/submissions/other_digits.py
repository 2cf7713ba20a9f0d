# what: digits of another script
# list: 30 31
# action: execute_code
# outcome: submission_invalid
submit(cell("\u0661\u0665\u0660"))
