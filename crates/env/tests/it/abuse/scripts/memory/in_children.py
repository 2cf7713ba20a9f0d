# what: more memory than the limit, in children that are under it
# list: 9
# outcome: memory
# limits: memory=192M wall=10
import time
for _ in range(5):
    if os.fork() == 0:
        x = bytearray(80 << 20)
        time.sleep(9)
time.sleep(9)
