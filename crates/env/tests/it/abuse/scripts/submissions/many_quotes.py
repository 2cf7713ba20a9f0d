# what: quotes that never end, in quotes
# list: 7 32
# action: execute_code
# outcome: submission_invalid
with open("submission.csv", "wb") as file: file.write(b"id,progression\n" + b'"' * 1_000_001 + b"\n")
