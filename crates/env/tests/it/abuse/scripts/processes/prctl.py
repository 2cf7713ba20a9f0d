# what: change what the parent's death means, the own name, dumpability, and become a subreaper
# outcome: ok
libc.prctl(1, 0)
libc.prctl(36, 1)
libc.prctl(4, 1)
libc.prctl(15, b"mledojo")
for option, value in ((28, 0), (8, 1), (38, 0), (35, 1), (24, 21)):
    libc.prctl(option, value, 0, 0, 0)
status = open("/proc/self/status").read()
attempt("new privileges", lambda: "NoNewPrivs:\t1" not in status)
attempt("capabilities", lambda: "CapBnd:\t0000000000000000" not in status)
if os.fork() == 0:
    if os.fork() == 0:
        import time; time.sleep(60)
    os._exit(0)
os.wait()
