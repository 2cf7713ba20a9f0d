# what: write the submission when the deadline has passed
# list: 12 16
# action: execute_code
# outcome: timeout
# limits: wall=1.5
import signal, time
signal.signal(signal.SIGTERM, lambda *_: submit())
signal.signal(signal.SIGALRM, lambda *_: submit())
if os.fork() == 0:
    os.setsid()
    time.sleep(2)
    submit()
time.sleep(60)
submit()
