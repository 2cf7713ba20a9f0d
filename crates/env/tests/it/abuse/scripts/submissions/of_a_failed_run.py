# what: a good submission of a run that fails
# list: 36
# action: execute_code
# outcome: exit_code 7
submit(); sys.exit(7)
