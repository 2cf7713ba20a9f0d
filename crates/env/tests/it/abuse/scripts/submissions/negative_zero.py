# what: `-0` as a prediction: a number like others
# list: 30
# action: execute_code
# outcome: graded
submit(cell("-0"))
