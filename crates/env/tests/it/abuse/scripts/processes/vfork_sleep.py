# what: an uninterruptible sleep: the parent of a `vfork` whose child never returns
# list: 16
# outcome: timeout
# limits: wall=1.5
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
sleep = ctypes.CDLL(None).sleep
# CLONE_VM | CLONE_VFORK: the parent waits, deaf to all but SIGKILL.
number = NUMBERS["clone"]
if libc.syscall(number, 0x4000 | 17, 0, 0, 0, 0) == 0: sleep(60)
