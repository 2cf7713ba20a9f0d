# what: UTF-16
# list: 32
# action: execute_code
# outcome: submission_invalid
submit(encode=lambda text: text.encode("utf-16"))
