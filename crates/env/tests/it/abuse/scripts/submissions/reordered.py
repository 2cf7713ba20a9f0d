# what: the rows in another order, which is no fault
# list: 31
# action: execute_code
# outcome: graded
submit(lambda lines: lines[:1] + lines[:0:-1])
