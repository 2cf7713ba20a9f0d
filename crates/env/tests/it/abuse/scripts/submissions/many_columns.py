# what: a million columns
# list: 7
# action: execute_code
# outcome: submission_invalid
with open("submission.csv", "wb") as file: file.write(b"id,progression" + b",x" * 1_000_000 + b"\n")
