# what: flood from a background process whose parent has ended
# list: 11 13
# outcome: output
# limits: wall=10
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        while True: os.write(1, b"y" * 4096)
import time
time.sleep(9)
