# what: hundreds of thousands of rows too many
# list: 7
# action: execute_code
# outcome: submission_invalid
with open("submission.csv", "wb") as file: file.write(b"id,progression\n" + b"3,1\n" * 300_000)
