# what: fork until it fails
# list: 8
# outcome: processes
# limits: wall=10 processes=30
import time
while True:
    if os.fork() == 0: time.sleep(30)
