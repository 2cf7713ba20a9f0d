# Found by Python as `sitecustomize`, so that it runs while Python starts, before the main script. The process imports
# the modules asked for and waits. For each jail it forks; the fork enters the jail, becomes what a fresh process would
# be there, and waits in turn. When the job comes it returns from here: Python goes on and starts the script, with nothing
# of this on its stack.
import _io
import _signal
import _socket
import _thread
import _warnings
import _weakref
import atexit
import builtins
import ctypes
import gc
import io
import os
import sys
import time
import types

WIDE = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
LIBC = ctypes.CDLL(None, use_errno=True)
CLOSE_RANGE = 436
# What forks call is looked up, and told its arguments, before them all: each touch of memory costs a fork a copied page.
SETNS, UNSHARE, CAPSET, SYSCALL, PRLIMIT, PRCTL, CLEARENV = (
    LIBC[name] for name in ("setns", "unshare", "capset", "syscall", "prlimit64", "prctl", "clearenv")
)
SETNS.argtypes = ctypes.c_int, ctypes.c_int
UNSHARE.argtypes = (ctypes.c_int,)
SYSCALL.argtypes = ctypes.c_long, ctypes.c_uint, ctypes.c_uint, ctypes.c_ulong
PRCTL.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
# No capability, as `capset` takes it.
CAPABILITIES = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()


def main():
    control = _socket.socket(fileno=int(os.environ["MLEDOJO_ZYGOTE_CONTROL"]))
    modules = os.environ["MLEDOJO_ZYGOTE_MODULES"].split()
    become_invisible()
    # The file of this script is not needed any more.
    control.send(b"loaded")
    entry = Entry(control)
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
    # A fork that lets go of something copies the memory of all that this refers to.
    KEPT.extend([fresh, entry, sys._getframe(1).f_code, sys._getframe(1).f_globals])
    gc.collect()
    gc.freeze()
    if departure.is_rehearsed(control, script):
        return
    # Nobody needs to wait for the forks.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    os.chdir("/")
    os.umask(0o022)
    # Forks share the filters, which takes the kernel long to make.
    PRCTL(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    for program in entry.early:
        install(program)
    control.send("\n".join(["ready", *notes]).encode())
    descriptors, inside = wait_for_jail(control)
    with_status = descriptors[2]
    try:
        complete, task = enter(descriptors, inside, entry)
        # The jail is not complete before it has its job.
        if os.read(complete, 1) != b"1":
            os._exit(0)
        take(task, script, arguments, environment)
    except OSError as error:
        fail(with_status, error.errno)
    except BaseException:
        fail(with_status, 5)
    # What was made on the way here is no more the script's than what was imported.
    gc.freeze()
    FILTERS[:] = _warnings.filters
    WITNESS.append([WITNESS])
    renew_main()
    departure.marker = next(reversed(departure.modules))


def fail(status, errno):
    # A message of the jail's init: a step of the set-up failed.
    try:
        os.write(status, words(1, STAGE, -1, errno))
    finally:
        os._exit(127)


STAGE = 0
KEPT = []


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
        if is_inert():
            LIBC.fflush(None)
            os._exit(0)
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


def is_inert():
    """Whether nothing that was made since the fork does anything when it is taken apart, and so needn't be."""
    if not PYTHON_CLASS or gc.get_debug() or _thread._count() or _warnings.filters != FILTERS:
        return False
    objects = gc.get_objects()
    # Without the witness, the script has taken what was made before out of the collector's sight.
    if len(objects) > 100_000 or not any(thing is WITNESS[0] for thing in objects):
        return False
    kinds = set(map(type, objects))
    # Of a class without any field the collector sees no objects.
    kinds.update(thing for thing in objects if issubclass(type(thing), type))
    if not all(map(goes_quietly, kinds)):
        return False
    reference = type(REFERENCE)
    return reference not in kinds or all(thing.__callback__ is None for thing in objects if type(thing) is reference)


def goes_quietly(kind):
    """Whether objects of a class are made of what Python only frees: its own plain types, and classes without `__del__`."""
    return all(
        base in PLAIN or (deallocator(base) == PYTHON_CLASS and "__del__" not in base.__dict__) for base in kind.__mro__
    )


def deallocator(kind):
    # A type begins as any object of variable size does; its name and two sizes come before.
    return ctypes.c_void_p.from_address(id(kind) + 48).value


# Warnings may be shown of what is left open; the first ones are those that aren't.
FILTERS = []
WITNESS = []
# Files, sockets, generators, and the types of extension modules are not among them.
REFERENCE = _weakref.ref(main)
PLAIN = {
    *(object, type, dict, list, tuple, set, frozenset, slice, property, staticmethod, classmethod, super),
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, types.CellType),
    *(types.CodeType, types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType),
    *(types.MethodWrapperType, types.MethodDescriptorType, types.ClassMethodDescriptorType, types.MappingProxyType),
    *(type(REFERENCE), type(io.IOBase._abc_impl), type(_thread.allocate_lock()), _thread.RLock),
    *(kind for kind in vars(builtins).values() if type(kind) is type and issubclass(kind, BaseException)),
}
# What frees the objects of each class that is written in Python; none where types are laid out in another way.
PYTHON_CLASS = deallocator(Departure) if object.__basicsize__ == 16 and tuple.__basicsize__ == 24 else None


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
            inside = SETNS(descriptors[PID], CLONE_NEWPID) == 0
            child = os.fork()
        except OSError:
            # Seen as a jail that nobody enters.
            child = -1
        if child == 0:
            os.close(control.detach())
            os.close(home)
            return descriptors, inside
        if inside:
            check(SETNS(home, CLONE_NEWPID))
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
    check(PRCTL(option, value, more, 0, 0))


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


class Entry:
    """What is the same for all jails: the user, and the system call filters, with the structures that install them."""

    def __init__(self, control):
        global STAGE
        (_, _, payload), *_ = control.recvmsg(1, _socket.CMSG_SPACE(4))[1]
        payload = int.from_bytes(payload, sys.byteorder)
        user, early, late = parse(payload, 3)
        os.close(payload)
        # With a map to write, the supervisor is root, and the jail's user namespace is the host's.
        self.user_map, self.identity, STAGE = user[0], int(user[1]), int(user[2])
        self.early, self.late = [filter_program(steps) for steps in early], [filter_program(steps) for steps in late]


def enter(descriptors, inside, entry):
    """Becomes a process of the jail without any right. Returns where it is told that the jail is complete, and where the
    job comes."""
    stdout, stderr, status, named, complete, task = descriptors[:NAMESPACES]
    user_map = entry.user_map
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    write("/proc/self/oom_score_adj", b"1000")
    for place in range(NAMESPACES + 1 if user_map else NAMESPACES, NAMESPACES + 7):
        if not (inside and place == PID):
            check(SETNS(descriptors[place], 0))
    if not inside and (child := os.fork()):
        # A zombie in its PID namespace would keep the jail from ending, and who adopts it may not be quick to bury it.
        os.waitpid(child, 0)
        os._exit(0)
    for entrance in descriptors[NAMESPACES + 7 :]:
        os.write(entrance, b"0")
    if user_map:
        ready, tell_ready = os.pipe()
        ended, alive = os.pipe()
    # This process ends at once, which makes the jail's init the parent of the next one.
    child = os.fork()
    if child:
        if user_map:
            os.close(tell_ready)
            if os.read(ready, 1) != b"1":
                os._exit(1)
            for name in ("uid_map", "gid_map"):
                write(f"/proc/{child}/{name}", user_map)
        os.write(named, words(child))
        os._exit(0)
    if user_map:
        os.close(alive)
        check(UNSHARE(CLONE_NEWUSER))
        os.write(tell_ready, b"1")
        os.close(tell_ready)
        os.read(ended, 1)
    os.setsid()
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    if user_map:
        os.setgroups([])
        os.setresgid(entry.identity, entry.identity, entry.identity)
        os.setresuid(entry.identity, entry.identity, entry.identity)
    give_up_privileges()
    refresh()
    for program in entry.late:
        install(program)
    return complete, task


def write(path, content):
    target = os.open(path, os.O_WRONLY)
    os.write(target, content)
    os.close(target)


def take(task, script, argument_area, environment_area):
    """Becomes the process of the job that comes."""
    # Whoever brought this process in may not have ended yet.
    while os.getppid() != 1:
        os.sched_yield()
    socket = _socket.socket(fileno=task)
    (_, _, job), *_ = socket.recvmsg(16, _socket.CMSG_SPACE(4))[1]
    arguments, environment, limits = parse(int.from_bytes(job, sys.byteorder), 3)
    for limit in limits:
        resource, soft, hard = (int(number) for number in limit.split())
        check(PRLIMIT(0, resource, (ctypes.c_uint64 * 2)(soft, hard), None))
    os.chdir("/kaggle/working")
    prctl(15, ctypes.cast(ctypes.c_char_p(os.path.basename(arguments[0])), ctypes.c_void_p).value)  # PR_SET_NAME
    set_environment(environment)
    fill(argument_area, arguments)
    fill(environment_area, environment)
    path = os.fsdecode(arguments[1])
    start(script, path)
    # What Python would find out: that the script is no archive of modules.
    sys.path_importer_cache[path] = None
    sys.argv[:] = [os.fsdecode(argument) for argument in arguments[1:]]
    sys.orig_argv[:] = [os.fsdecode(argument) for argument in arguments]
    start_clock()
    socket.detach()
    check(SYSCALL(CLOSE_RANGE, 3, 0xFFFFFFFF, 0))


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
    capability = 0
    # EINVAL: past the last one that this kernel knows.
    while PRCTL(24, capability, 0, 0, 0) == 0:  # PR_CAPBSET_DROP
        capability += 1
    if ctypes.get_errno() != 22 or not capability:
        check(-1)
    prctl(28, 0xEF)  # PR_SET_SECUREBITS: all, locked, save SECBIT_KEEP_CAPS itself
    check(CAPSET(*CAPABILITIES))
    # A change of user closes /proc/self to oneself; `execve` would open it again.
    prctl(4, 1)  # PR_SET_DUMPABLE


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


def filter_program(steps):
    """What the kernel takes for a filter, and what it points to."""
    steps = (ctypes.c_char * len(steps)).from_buffer_copy(steps)
    program = Program(len(steps) // 8, ctypes.addressof(steps))
    return ctypes.addressof(program), program, steps


def install(program):
    prctl(22, 2, program[0])  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def set_environment(variables):
    # Copies, as what the process was started with lies in the area that is about to be filled.
    CLEARENV()
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
