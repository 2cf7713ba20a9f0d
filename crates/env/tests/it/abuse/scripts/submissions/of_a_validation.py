# what: a good submission written by `validate_code`
# list: 36
# outcome: ok
submit()
