# what: gigabytes on standard output
# list: 13
# outcome: output
chunk = b"x" * 65536
while True: os.write(1, chunk)
