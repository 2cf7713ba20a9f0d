# what: lines that end in CR LF, which is no fault
# list: 32
# action: execute_code
# outcome: graded
submit(encode=lambda text: text.replace("\n", "\r\n").encode())
