# what: a byte order mark before the header, which is no fault
# list: 32
# action: execute_code
# outcome: graded
submit(encode=lambda text: b"\xef\xbb\xbf" + text.encode())
