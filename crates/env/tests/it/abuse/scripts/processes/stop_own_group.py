# what: SIGSTOP to the own process group
# list: 15
# outcome: timeout
# limits: wall=1.5
import signal
os.killpg(0, signal.SIGSTOP)
