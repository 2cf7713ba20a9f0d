# what: ids in full-width digits
# list: 31
# action: execute_code
# outcome: submission_invalid
submit(lambda lines: lines[:1] + [line.translate({ord("0") + d: 0xFF10 + d for d in range(10)}) for line in lines[1:]])
