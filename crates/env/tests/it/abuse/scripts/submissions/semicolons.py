# what: semicolons between the fields
# list: 32
# action: execute_code
# outcome: submission_invalid
submit(encode=lambda text: text.replace(",", ";").encode())
