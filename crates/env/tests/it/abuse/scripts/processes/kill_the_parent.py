# what: kill, stop and interrupt the parent and everyone else
# list: 15
# outcome: ok
# says: alive
import signal
for pid in (os.getppid(), 1, HOST["supervisor"], -HOST["supervisor"]):
    for s in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV):
        try: os.kill(pid, s)
        except OSError: pass
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try: os.kill(-1, signal.SIGTERM)
except OSError: pass
print("alive")
