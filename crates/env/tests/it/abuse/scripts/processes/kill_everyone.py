# what: `kill(-1, SIGKILL)`, then itself
# list: 15
# outcome: signal 9
import signal
if os.fork() == 0: signal.pause()
try: os.kill(-1, signal.SIGKILL)
except OSError: pass
os.kill(os.getpid(), signal.SIGKILL)
