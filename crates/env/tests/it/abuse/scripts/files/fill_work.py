# what: fill the disk through one file in the working folder
# list: 10
# outcome: file_size
with open("fill", "wb") as file:
    for _ in range(200): file.write(bytes(1 << 20))
