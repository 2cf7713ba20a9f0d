# Comes before every attempt. HOST holds what an attacker could know of the host:
# paths of the answers and the episodes, the supervisor's process, a port and an abstract socket it listens on.
import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, action):
    """Prints what an action got, unless it fails or gets nothing."""
    try: result = action()
    except BaseException: return
    if result: print("GOT", what, repr(result)[:200])
def fails(what, action):
    """Prints an action that doesn't fail, whatever it returns."""
    attempt(what, lambda: [action()])
def forked(what, action):
    """The same in a child, for calls for which a process is killed."""
    if (child := os.fork()) == 0:
        try: action()
        except BaseException: os._exit(0)
        os._exit(42)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42: print("GOT", what)
def write(path, text="x"):
    with open(path, "a") as file: return file.write(text)
NUMBERS = {
    "x86_64": dict(mount=165, umount2=166, unshare=272, setns=308, ptrace=101, keyctl=250, add_key=248, bpf=321,
        userfaultfd=323, perf_event_open=298, io_uring_setup=425, process_vm_readv=310, process_vm_writev=311, kcmp=312,
        pidfd_getfd=438, open_tree=428, move_mount=429, fsopen=430, mount_setattr=442, chroot=161, pivot_root=155,
        clone=56, clone3=435, clock_settime=227, settimeofday=164, adjtimex=159, name_to_handle_at=303,
        open_by_handle_at=304, personality=135, swapon=167, reboot=169, init_module=175, finit_module=313, syslog=103,
        quotactl=179, acct=163, kexec_load=246, fanotify_init=300, lookup_dcookie=212, vhangup=153, iopl=172,
        ioprio_set=251, sched_setscheduler=144, execveat=322, memfd_create=319, vfork=58, capset=126, seccomp=317,
        process_madvise=440, mq_open=240, landlock_create_ruleset=444, memfd_secret=447),
    "aarch64": dict(mount=40, umount2=39, unshare=97, setns=268, ptrace=117, keyctl=219, add_key=217, bpf=280,
        userfaultfd=282, perf_event_open=241, io_uring_setup=425, process_vm_readv=270, process_vm_writev=271, kcmp=272,
        pidfd_getfd=438, open_tree=428, move_mount=429, fsopen=430, mount_setattr=442, chroot=51, pivot_root=41,
        clone=220, clone3=435, clock_settime=112, settimeofday=170, adjtimex=171, name_to_handle_at=264,
        open_by_handle_at=265, personality=92, swapon=224, reboot=142, init_module=105, finit_module=273, syslog=116,
        quotactl=60, acct=89, kexec_load=104, fanotify_init=262, lookup_dcookie=18, vhangup=58, ioprio_set=30,
        sched_setscheduler=119, execveat=281, memfd_create=279, capset=91, seccomp=277, process_madvise=440,
        mq_open=180, landlock_create_ruleset=444, memfd_secret=447),
}[platform.machine()]
def call(name, *args):
    """A raw system call; raises OSError on failure."""
    number = NUMBERS[name] if isinstance(name, str) else name
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
SAMPLE = "/kaggle/input/diabetes/sample_submission.csv"
def submit(edit=lambda lines: lines, encode=lambda text: text.encode()):
    """Writes the sample submission, its lines (the header first) changed by `edit`."""
    lines = edit(open(SAMPLE).read().splitlines())
    with open("submission.csv", "wb") as file: file.write(encode("".join(line + "\n" for line in lines)))
def cell(value):
    """For `submit`: puts a value in the first row."""
    return lambda lines: [lines[0], lines[1].split(",")[0] + "," + value, *lines[2:]]
