# what: limits, timers, seccomp filters and Landlock rules of the own process
# outcome: ok
import resource, signal
for kind in range(16):
    soft, hard = resource.getrlimit(kind)
    fails(kind, lambda: resource.setrlimit(kind, (soft, hard + 1)) if hard >= 0 else 1 / 0)
    if kind not in (resource.RLIMIT_STACK, resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_NOFILE):
        resource.setrlimit(kind, (0, 0)) if kind not in (resource.RLIMIT_CPU, resource.RLIMIT_FSIZE) else None
signal.setitimer(signal.ITIMER_REAL, 60)
os.umask(0o777)
os._exit(0)
