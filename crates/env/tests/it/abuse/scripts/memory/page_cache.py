# what: fill the page cache by reading and writing files, which is no memory of the run's own
# list: 9
# outcome: ok
# limits: memory=192M wall=20
for _ in range(8):
    with open("big", "wb") as file:
        for _ in range(60): file.write(bytes(1 << 20))
    with open("big", "rb") as file:
        while file.read(1 << 20): pass
