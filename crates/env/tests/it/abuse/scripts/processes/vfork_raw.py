# what: raw `clone` children that share memory and signal nobody
# outcome: ok or processes
# limits: wall=10 processes=30
import time
for _ in range(60):
    try:
        if call("clone", 0, 0, 0, 0, 0) == 0: time.sleep(30); os._exit(0)
    except OSError: break
time.sleep(0.2)
