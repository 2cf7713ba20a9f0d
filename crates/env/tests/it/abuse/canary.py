# A harmless step that shows all it can see of its surroundings, and submits the sample. Nothing here may differ from
# run to run: what it prints is compared, as text, with what it prints in an undisturbed episode.
import fcntl, hashlib, importlib.util, json, os, resource, shutil, signal, socket, sys, threading

def listed(folder):
    try: return sorted(os.listdir(folder))
    except OSError as error: return error.strerror

def origin(module):
    spec = importlib.util.find_spec(module)
    return spec and spec.origin

def lines(path):
    return len(open(path).read().splitlines())

inputs = {}
for folder, _, files in os.walk("/kaggle/input"):
    for name in files:
        with open(os.path.join(folder, name), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            inputs[file.name] = hashlib.sha256(file.read()).hexdigest(), os.fstat(file.fileno()).st_mode
packages = [path for path in sys.path if path.endswith("site-packages") and os.path.isdir(path)]
home = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.expanduser("~")) for name in names]
facts = {
    "inputs": inputs,
    "folders": {path: listed(path) for path in ("/", "/tmp", "/dev/shm", "/dev", "/dev/mqueue", "/kaggle", "/kaggle/src", "/kaggle/input")},
    "home": home,
    "packages": {path: listed(path) for path in packages},
    "python": [sys.path, sys.argv, sys.flags, sys.getrecursionlimit(), sys.dont_write_bytecode, __file__, __name__],
    "modules": {name: origin(name) for name in ("json", "os", "numpy", "pandas", "site", "usercustomize", "conftest", "helper")},
    "works": [json.loads("[1]"), len("ab"), sum([1, 2]), sorted([2, 1]), max(1, 2), hash("a"), open.__module__, 0.1 + 0.2],
    "environment": dict(sorted(os.environ.items())),
    "limits": [resource.getrlimit(kind) for kind in range(16)],
    "priority": [os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0))],
    "ids": [os.getresuid(), os.getresgid(), os.getgroups(), os.getppid(), os.umask(0o022)],
    "signals": [str(signal.getsignal(s)) for s in range(1, 32) if s not in (9, 19)] + sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "processes": [sum(name.isdigit() for name in listed("/proc")), threading.active_count()],
    "descriptors": len(listed("/proc/self/fd")),
    "mounts": sorted(" ".join(line.split()[4:6]) for line in open("/proc/self/mountinfo")),
    "ipc": [lines("/proc/sysvipc/" + kind) for kind in ("shm", "msg", "sem")] + [lines("/proc/net/unix")],
    "network": [name for _, name in socket.if_nameindex()],
    "host": [socket.gethostname(), os.getcwd(), os.path.exists("submission.csv")],
}
print(json.dumps(facts, sort_keys=True, default=str))
with open("canary.txt", "w") as file: file.write("sings\n")
shutil.copyfile("/kaggle/input/diabetes/sample_submission.csv", "submission.csv")
