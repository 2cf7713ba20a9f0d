# what: fill the disk with many files that are each small enough
# list: 10
# outcome: disk
for number in range(1000):
    with open(f"{number}.bin", "wb") as file:
        for _ in range(20): file.write(b"x" * (1 << 20))
