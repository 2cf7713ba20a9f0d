# what: change the interpreter in memory: builtins, modules, the allocator's pages, and the code of the C library
# list: 22
# outcome: ok
import builtins, gc, json, locale, mmap, random, signal
os.environ["PYTHONPATH"] = "/tmp"; os.putenv("LD_PRELOAD", "/tmp/evil.so")
sys.path.insert(0, "/tmp"); sys.setrecursionlimit(50_000); sys.dont_write_bytecode = False
signal.signal(signal.SIGTERM, signal.SIG_IGN); os.umask(0)
os.nice(3); os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
json.loads = json.dumps = lambda *_, **__: "poisoned"
random.seed(0); gc.disable(); locale.setlocale(locale.LC_ALL, "C")
# The number 1 is an object that all code of this interpreter shares.
size = mmap.PAGESIZE
def overwrite(address, text):
    page = address & -size
    if libc.mprotect(ctypes.c_void_p(page), 2 * size, 7) == 0: ctypes.memmove(address, text, len(text))
overwrite(id(257 - 256) + 24, (2).to_bytes(4, "little"))
overwrite(ctypes.cast(libc.getppid, ctypes.c_void_p).value, b"\xc3")
builtins.len = builtins.sum = lambda *_: 0
os._exit(0)
