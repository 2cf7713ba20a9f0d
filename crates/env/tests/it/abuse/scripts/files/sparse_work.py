# what: a thousand sparse files that look like terabytes
# list: 7 10
# outcome: ok
# limits: file_size=2T
for number in range(1000):
    with open(f"{number}.bin", "wb") as file: file.truncate(1 << 40)
