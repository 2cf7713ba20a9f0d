# Found by Python as `sitecustomize`, so that it runs while Python starts, before the main script. The process imports
# the modules asked for and waits. For each jail it forks; the fork enters the jail, becomes what a fresh process would
# be there, and waits in turn. When the job comes it returns from here: Python goes on and starts the script, with nothing
# of this on its stack.
import _io
import _signal
import _socket
import atexit
import ctypes
import gc
import os
import sys
import time

WIDE = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
LIBC = ctypes.CDLL(None, use_errno=True)
CLOSE_RANGE = 436


def main():
    control = _socket.socket(fileno=int(os.environ["MLEDOJO_ZYGOTE_CONTROL"]))
    modules = os.environ["MLEDOJO_ZYGOTE_MODULES"].split()
    become_invisible()
    # The file of this script is not needed any more.
    control.send(b"loaded")
    script, arguments, environment = find_script(), *string_areas()
    fresh = set(sys.modules)
    departure = Departure()
    # Handlers run last in, first out: this one after all of the script's.
    atexit.register(departure.leave)
    notes = []
    for module in modules:
        try:
            __import__(module)
        except BaseException as error:
            notes.append(f"{module}: {type(error).__name__}: {error}".replace("\n", " "))
        if threads_stay():
            control.send(b"threads\n" + module.encode())
            os._exit(0)
    departure.preloaded = set(sys.modules) - fresh
    gc.collect()
    gc.freeze()
    if departure.is_rehearsed(control, script):
        return
    # Nobody needs to wait for the forks.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    control.send("\n".join(["ready", *notes]).encode())
    descriptors, inside = wait_for_jail(control)
    with_status = descriptors[2]
    try:
        complete, task = enter(descriptors, inside)
        # The jail is not complete before it has its job.
        if os.read(complete, 1) != b"1":
            os._exit(0)
        take(task, script, arguments, environment)
    except OSError as error:
        fail(with_status, error.errno)
    except BaseException:
        fail(with_status, 5)
    departure.marker = next(reversed(departure.modules))


def fail(status, errno):
    # A message of the jail's init: a step of the set-up failed.
    try:
        os.write(status, words(1, STAGE, -1, errno))
    finally:
        os._exit(127)


STAGE = 0


def words(*numbers):
    return b"".join(number.to_bytes(4, sys.byteorder, signed=True) for number in numbers)


def become_invisible():
    folder = os.environ["PYTHONPATH"]
    for name in [name for name in os.environ if name == "PYTHONPATH" or name.startswith("MLEDOJO_ZYGOTE_")]:
        del os.environ[name]
    sys.path.remove(folder)
    sys.path_importer_cache.pop(folder, None)
    own = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize
    except ImportError:
        # The machinery that imports this module takes it from there when it is done.
        sys.modules["sitecustomize"] = own


def threads_stay():
    # Libraries that keep threads, such as OpenBLAS, end them before a fork and start them anew when they are used.
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return len(os.listdir("/proc/self/task")) > 1


def find_script():
    """The address and length of the buffer in which Python keeps the path of the script that it will start."""
    wanted = sys.argv[0].encode(WIDE) + bytes(4)
    state = ctypes.pythonapi.PyInterpreterState_Get
    state.restype = ctypes.c_void_p
    base = state()
    ranges = []
    with open("/proc/self/maps") as maps:
        for line in maps:
            addresses, access = line.split()[:2]
            if access.startswith("rw"):
                ranges.append([int(address, 16) for address in addresses.split("-")])
    found = set()
    with open("/proc/self/mem", "rb", buffering=0) as memory:

        def read(address, length):
            memory.seek(address)
            return memory.read(length)

        end = next(end for start, end in ranges if start <= base < end)
        state = read(base, min(end - base, 1 << 20))
        for at in range(0, len(state) - 7, 8):
            address = int.from_bytes(state[at : at + 8], sys.byteorder)
            if address % 4 == 0 and any(start <= address <= end - len(wanted) for start, end in ranges):
                if read(address, len(wanted)) == wanted:
                    found.add(address)
    if len(found) != 1:
        raise RuntimeError(f"the path of the script was found in {len(found)} places of Python's configuration")
    return found.pop(), len(wanted)


def string_areas():
    """Where the kernel reads this process's arguments and environment: address and length of each."""
    with open("/proc/self/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    starts = [int(field) for field in fields[45:49]]
    return (starts[0], starts[1] - starts[0]), (starts[2], starts[3] - starts[2])


class Departure:
    """The end of a script's process.

    Taking two thousand preloaded modules apart takes a tenth of a second and changes nothing that can be seen. Where a
    script comes to its end without an exception, Python finishes what is the script's own as ever, and then the process
    ends at once; otherwise only Python itself knows the exit code, so all but those modules is taken apart.
    """

    def __init__(self):
        self.modules = sys.modules
        self.preloaded = set()
        # The module before the script's own.
        self.marker = None
        # How deep the stack of a script's end is that raises nothing, and where to tell it.
        self.depth = None
        self.rehearsal = None

    def is_rehearsed(self, control, script):
        """Finds out the depth, by an empty script in a fork. True in that fork."""
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(control.detach())
            os.close(told)
            self.rehearsal = tell
            start(script, "/dev/null")
            return True
        os.close(tell)
        depth = os.read(told, 64)
        os.close(told)
        os.waitpid(child, 0)
        self.depth = depth or None
        return False

    def leave(self):
        depth = stack_pointer()
        if self.rehearsal is not None:
            os.write(self.rehearsal, depth)
            os._exit(0)
        raised = hasattr(sys, "last_type") or hasattr(sys, "last_exc")
        if depth != self.depth or raised or not SWAPPED or not flushed():
            kept = [self.modules.pop(name) for name in self.preloaded if name in self.modules]
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
            return
        # Only the script's modules are left for Python to end, and before them, so that it comes last, the end itself.
        names = []
        for name in reversed(self.modules):
            if name == self.marker:
                break
            names.append(name)
        end = type(sys)("end")
        end.end = End()
        left = {"end": end}
        for name in ["__main__", *reversed(names)]:
            if name in self.modules:
                left[name] = self.modules.pop(name)
        # To take the others out one by one would touch, and so copy, the memory of each. What was in the one dictionary
        # is in the other after this, which nobody ever frees.
        ours, others = [
            (ctypes.c_char * SWAPPED).from_address(id(owner) + object.__basicsize__) for owner in (self.modules, left)
        ]
        ours.raw, others.raw = others.raw, ours.raw
        # Python empties what is still referred to after all else is gone, from the last module to the first.
        for kept in (left, end):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))


# The size of a dictionary's own fields, where they are known to be just length, version, keys and values.
SWAPPED = 32 if dict.__basicsize__ == object.__basicsize__ + 32 else 0


class End:
    """Ends the process when it is the last of a script that is taken apart."""

    def __init__(self):
        self.parts = sys, gc.get_objects, flushed, LIBC.fflush, os._exit
        self.files = _io.TextIOWrapper, _io.BufferedWriter, _io.BufferedRandom

    def __del__(self):
        sys, objects, flushed, fflush, leave = self.parts
        if not flushed():
            return
        # Those that something preloaded refers to.
        for file in objects():
            if type(file) in self.files:
                try:
                    file.flush()
                except BaseException:
                    pass
        fflush(None)
        leave(0)


def flushed(sys=sys, plain=_io.TextIOWrapper):
    """Flushes the standard streams. False if that fails, or may do more than that."""
    for stream in (sys.stdout, sys.stderr):
        if type(stream) is not plain:
            return False
        try:
            if not stream.closed:
                stream.flush()
        except BaseException:
            return False
    return True


def stack_pointer():
    descriptor = os.open("/proc/self/syscall", os.O_RDONLY)
    try:
        # "number arguments… stack-pointer program-counter", of this call.
        return os.read(descriptor, 256).split()[-2]
    finally:
        os.close(descriptor)


def wait_for_jail(control):
    room = _socket.CMSG_SPACE(64 * 4)
    home = os.open("/proc/self/ns/pid", os.O_RDONLY)
    while True:
        message, ancillary, _, _ = control.recvmsg(16, room)
        if not message:
            os._exit(0)
        descriptors = [
            int.from_bytes(data[start : start + 4], sys.byteorder)
            for _, _, data in ancillary
            for start in range(0, len(data) - 3, 4)
        ]
        try:
            # Only what is forked from then on is in the jail's PID namespace. Without the right to enter it from here,
            # a fork enters and forks again.
            inside = LIBC.setns(descriptors[PID], CLONE_NEWPID) == 0
            child = os.fork()
        except OSError:
            # Seen as a jail that nobody enters.
            child = -1
        if child == 0:
            os.close(control.detach())
            os.close(home)
            return descriptors, inside
        if inside:
            check(LIBC.setns(home, CLONE_NEWPID))
        for descriptor in descriptors:
            os.close(descriptor)


# Where the descriptors of the namespaces begin, and that of the PID namespace.
NAMESPACES, PID = 6, 8


def check(result):
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
    return result


def prctl(option, value, more=0):
    check(LIBC.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), ctypes.c_ulong(0), ctypes.c_ulong(0)))


def parse(descriptor, lists):
    payload = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    at = 0

    def number():
        nonlocal at
        at += 4
        return int.from_bytes(payload[at - 4 : at], sys.byteorder)

    def string():
        nonlocal at
        length = number()
        at += length
        return payload[at - length : at]

    return [[string() for _ in range(number())] for _ in range(lists)]


def enter(descriptors, inside):
    """Becomes a process of the jail without any right. Returns where it is told that the jail is complete, and where the
    job comes."""
    global STAGE
    stdout, stderr, status, named, complete, task = descriptors[:NAMESPACES]
    entrances, payload = descriptors[NAMESPACES + 7 : -1], descriptors[-1]
    user, filters = parse(payload, 2)
    user_map, identity, STAGE = user[0], int(user[1]), int(user[2])
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    # With a map to write, the supervisor is root, and the jail's user namespace is the host's.
    for place in range(NAMESPACES + 1 if user_map else NAMESPACES, NAMESPACES + 7):
        if not (inside and place == PID):
            check(LIBC.setns(descriptors[place], 0))
    os.chdir("/")
    os.umask(0o022)
    if not inside and (child := os.fork()):
        # A zombie in its PID namespace would keep the jail from ending, and who adopts it may not be quick to bury it.
        os.waitpid(child, 0)
        os._exit(0)
    for entrance in entrances:
        os.write(entrance, b"0")
    ready, tell_ready = os.pipe()
    ended, alive = os.pipe()
    # This process ends at once, which makes the jail's init the parent of the next one.
    child = os.fork()
    if child:
        os.close(tell_ready)
        if user_map:
            if os.read(ready, 1) != b"1":
                os._exit(1)
            for name in ("uid_map", "gid_map"):
                target = os.open(f"/proc/{child}/{name}", os.O_WRONLY)
                os.write(target, user_map)
        os.write(named, words(child))
        os._exit(0)
    os.close(alive)
    if user_map:
        check(LIBC.unshare(CLONE_NEWUSER))
        os.write(tell_ready, b"1")
    os.close(tell_ready)
    os.read(ended, 1)
    while os.getppid() != 1:
        os.sched_yield()
    os.setsid()
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    if user_map:
        os.setgroups([])
        os.setresgid(identity, identity, identity)
        os.setresuid(identity, identity, identity)
    give_up_privileges()
    renew_main()
    refresh()
    programs = [(ctypes.c_char * len(program)).from_buffer_copy(program) for program in filters]
    for program in programs:
        install(program)
    return complete, task


def take(task, script, argument_area, environment_area):
    """Becomes the process of the job that comes."""
    socket = _socket.socket(fileno=task)
    (_, _, job), *_ = socket.recvmsg(16, _socket.CMSG_SPACE(4))[1]
    arguments, environment, limits = parse(int.from_bytes(job, sys.byteorder), 3)
    for limit in limits:
        resource, soft, hard = (int(number) for number in limit.split())
        check(LIBC.prlimit64(0, resource, (ctypes.c_uint64 * 2)(soft, hard), None))
    os.chdir("/kaggle/working")
    prctl(15, ctypes.cast(ctypes.c_char_p(os.path.basename(arguments[0])), ctypes.c_void_p).value)  # PR_SET_NAME
    set_environment(environment)
    fill(argument_area, arguments)
    fill(environment_area, environment)
    start(script, os.fsdecode(arguments[1]))
    sys.argv[:] = [os.fsdecode(argument) for argument in arguments[1:]]
    sys.orig_argv[:] = [os.fsdecode(argument) for argument in arguments]
    start_clock()
    socket.detach()
    check(LIBC.syscall(ctypes.c_long(CLOSE_RANGE), ctypes.c_uint(3), ctypes.c_uint(0xFFFFFFFF), ctypes.c_uint(0)))


def start(script, path):
    """Lets Python start this script when `main` returns."""
    encoded = path.encode(WIDE)
    address, length = script
    ctypes.memmove(address, encoded + bytes(length - len(encoded)), length)


def renew_main():
    # What is frozen is never collected: in the module of before, what refers to itself would live past the end.
    main = type(sys)("__main__")
    main.__dict__.clear()
    main.__dict__.update(sys.modules["__main__"].__dict__)
    sys.modules["__main__"] = main


def give_up_privileges():
    prctl(47, 4)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL
    for capability in range(64):
        try:
            prctl(24, capability)  # PR_CAPBSET_DROP
        except OSError as error:
            if error.errno == 22:  # EINVAL: past the last one that this kernel knows.
                break
            raise
    prctl(28, 0xEF)  # PR_SET_SECUREBITS: all, locked, save SECBIT_KEEP_CAPS itself
    check(LIBC.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()))
    prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
    # A change of user closes /proc/self to oneself; `execve` would open it again.
    prctl(4, 1)  # PR_SET_DUMPABLE


def install(program):
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    structure = Program(len(program) // 8, ctypes.addressof(program))
    prctl(22, 2, ctypes.addressof(structure))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def set_environment(variables):
    # Copies, as what the process was started with lies in the area that is about to be filled.
    LIBC.clearenv()
    os.environ._data.clear()
    for variable in variables:
        name, _, value = variable.partition(b"=")
        os.environb[name] = value


def fill(area, strings):
    address, length = area
    content = b"".join(string + b"\0" for string in strings)[: length - 1]
    ctypes.memmove(address, content + bytes(length - len(content)), length)


def refresh():
    """Makes anew what must differ between processes or was taken from the host. `random` sees to itself."""
    loaded = sys.modules.get
    if numpy_random := loaded("numpy.random"):
        numpy_random.seed()
    if process := loaded("multiprocessing.process"):
        process.current_process().authkey = os.urandom(32)
    if tempfile := loaded("tempfile"):
        tempfile.tempdir = tempfile._name_sequence = None
    if platform := loaded("platform"):
        platform._uname_cache = None
    if uuid := loaded("uuid"):
        uuid._node = uuid._last_timestamp = None


def start_clock():
    if logging := sys.modules.get("logging"):
        now = time.time if isinstance(logging._startTime, float) else time.time_ns
        logging._startTime = now()


main()
