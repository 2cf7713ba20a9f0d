# what: a decimal comma, in quotes
# list: 30
# action: execute_code
# outcome: submission_invalid
submit(cell('"1,5"'))
