# what: start threads until it fails
# list: 8
# outcome: processes
# limits: wall=10 processes=30
import threading, time
try:
    for _ in range(500): threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
finally: time.sleep(0.3)
