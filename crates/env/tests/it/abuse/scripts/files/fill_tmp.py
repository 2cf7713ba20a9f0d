# what: fill `/tmp` and `/dev/shm`
# list: 10
# outcome: ok or memory
for folder in ("/tmp", "/dev/shm"):
    try:
        with open(folder + "/fill", "wb") as file:
            for _ in range(200): file.write(bytes(1 << 20))
        print("GOT", folder)
    except OSError as error: print(error)
