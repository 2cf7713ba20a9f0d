# what: take more CPU than its share with many busy processes, a higher priority and real-time scheduling
# list: 29
# outcome: timeout
# limits: wall=1.5
fails("nice", lambda: os.nice(-5))
fails("setpriority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
fails("fifo", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
fails("io priority", lambda: call("ioprio_set", 1, 0, 1 << 13))
os.sched_setaffinity(0, range(os.cpu_count() or 1))
for _ in range(20):
    if os.fork() == 0: break
while True: pass
