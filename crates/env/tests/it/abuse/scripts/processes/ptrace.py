# what: ptrace, `process_vm_*` and `/proc/PID/mem` on the supervisor and on init
# list: 17
# outcome: ok
buffer = ctypes.create_string_buffer(64)
vector = ctypes.create_string_buffer(ctypes.addressof(buffer).to_bytes(8, "little") + (64).to_bytes(8, "little"))
for pid in (1, os.getppid(), HOST["supervisor"]):
    for request in (16, 0x4206):
        fails("ptrace", lambda: call("ptrace", request, pid, 0, 0))
    fails("read", lambda: call("process_vm_readv", pid, vector, 1, vector, 1, 0))
    fails("write", lambda: call("process_vm_writev", pid, vector, 1, vector, 1, 0))
    fails("kcmp", lambda: call("kcmp", pid, os.getpid(), 0, 0, 0))
    fails("mem", lambda: os.open(f"/proc/{pid}/mem", os.O_RDWR))
    attempt("pidfd", lambda: call("pidfd_getfd", os.pidfd_open(pid), 1, 0) + 1)
fails("traceme", lambda: call("ptrace", 0, 0, 0, 0))
child = os.fork()
if child == 0:
    import time; time.sleep(30)
fails("ptrace of a child", lambda: call("ptrace", 16, child, 0, 0))
