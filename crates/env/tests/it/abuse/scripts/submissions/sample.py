# what: the sample submission itself, scored like any other
# list: 35
# action: execute_code
# outcome: graded
submit()
