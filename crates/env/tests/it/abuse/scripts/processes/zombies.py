# what: use up all process numbers with children that nobody waits for
# outcome: processes
# limits: wall=10 processes=30
import time
try:
    for _ in range(500):
        if os.fork() == 0: os._exit(0)
finally: time.sleep(0.3)
