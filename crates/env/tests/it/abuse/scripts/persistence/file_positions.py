# what: move, lock and close what descriptors share with the interpreter that was forked
# outcome: ok
import fcntl
for number in range(0, 64):
    for what in (lambda: os.lseek(number, 0, 2), lambda: os.ftruncate(number, 0), lambda: fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB),
        lambda: fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND), lambda: fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid()), lambda: os.close(number)):
        try: what()
        except OSError: pass
os._exit(0)
