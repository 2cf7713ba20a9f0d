# what: zero bytes
# list: 7
# action: execute_code
# outcome: submission_invalid
with open("submission.csv", "wb") as file: file.write(bytes(1 << 20))
