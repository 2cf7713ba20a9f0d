# what: use CPU time for ever, deaf to SIGXCPU
# list: 29
# outcome: cpu_time
# limits: wall=20 cpu=1
import signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True: pass
