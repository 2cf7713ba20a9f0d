# Scripts of the standard library, each after a line `### name`. `{}` stands for nothing: they are run as they are.
### hello
print("hello")
### names
import sys; print(__name__, __file__, sys.argv, sys.path[0], __package__, __spec__, __doc__, sys.flags)
### docstring
"""A script's own words."""
print(__doc__, __builtins__.__name__, sorted(n for n in globals() if n.startswith("__")))
### exception
def f(x):
    return 1 / x
f(0)
### chained_exception
try:
    {}["a"]
except KeyError as error:
    raise ValueError("second") from error
### exception_group
raise ExceptionGroup("several", [ValueError(1), TypeError("two")])
### syntax_error
print("never"
### unicode_error
print("\udc80")
### import_error
import no_such_module
### exit_none
import sys; sys.exit()
### exit_code
import sys; sys.exit(7)
### exit_negative
import sys; sys.exit(-1)
### exit_text
import sys; sys.exit("a message")
### exit_in_thread
import sys, threading
t = threading.Thread(target=lambda: sys.exit(3)); t.start(); t.join(); print("on")
### exit_os
import os; print("lost"); os._exit(5)
### exit_os_flushed
import os; print("kept", flush=True); os._exit(5)
### keyboard_interrupt
raise KeyboardInterrupt
### interrupt_by_signal
import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(1)
### sigterm
import os, signal; os.kill(os.getpid(), signal.SIGTERM)
### sigsegv
import ctypes; ctypes.string_at(0)
### abort
import os; os.abort()
### broken_pipe
import os; r, w = os.pipe(); os.close(r); os.write(w, b"x")
### recursion
def f(n): return f(n + 1)
f(0)
### recursion_depth
import sys
def f(n):
    try: return f(n + 1)
    except RecursionError: return n
print(f(0), sys.getrecursionlimit())
### frames
import inspect, sys
print(len(inspect.stack()), sys._getframe().f_back, inspect.stack()[0].code_context)
### getsource
import inspect
def f():
    return "source"  # and a comment
print(inspect.getsource(f), inspect.getfile(f))
class C:
    x = 1
print(inspect.getsource(C))
### warnings
import warnings
warnings.warn("first")
for _ in range(2): warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
warnings.warn("above", UserWarning, stacklevel=2)
### resource_warning
import warnings
warnings.simplefilter("always")
open("/tmp/x", "w")
### atexit
import atexit
atexit.register(print, "last"); atexit.register(print, "first")
print("body")
### atexit_exception
import atexit
atexit.register(lambda: 1 / 0)
### atexit_after_exception
import atexit
atexit.register(print, "done")
raise ValueError("body")
### destructor_at_exit
class D:
    def __del__(self): print("gone")
d = D()
### cycle_at_exit
class D:
    def __del__(self): print("gone", self.name)
a, b = D(), D(); a.name, b.name = "a", "a"; a.o, b.o = b, a
del a, b
### unflushed_file
f = open("/tmp/out", "w"); f.write("x" * 10)
import atexit, os
atexit.register(lambda: print(os.path.getsize("/tmp/out")))
### unflushed_at_finalisation
f = open("/kaggle/working/late.txt", "w"); f.write("late")
### previous_file
print(open("/kaggle/working/late.txt").read()) if __import__("os").path.exists("/kaggle/working/late.txt") else print("none")
### thread_outlives_main
import threading, time
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start(); print("main")
### daemon_thread
import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); print("main")
### thread_exception
import threading
t = threading.Thread(target=lambda: 1 / 0, name="worker"); t.start(); t.join()
### threads
import threading
print(threading.current_thread().name, threading.main_thread() is threading.current_thread(), threading.active_count(), threading.get_native_id() > 0)
### excepthook
import sys
print(sys.excepthook is sys.__excepthook__)
sys.excepthook = lambda *a: print("hook", a[0].__name__)
1 / 0
### excepthook_fails
import sys
def hook(*a): raise RuntimeError("in hook")
sys.excepthook = hook
1 / 0
### unraisable
class D:
    def __del__(self): raise ValueError("in del")
D()
### streams
import sys
for s in (sys.stdin, sys.stdout, sys.stderr): print(s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.isatty(), s.fileno(), s.closed)
print(sys.stdin.read() == "", sys.stdout.buffer.raw.seekable(), sys.stdout.write_through)
### interleaving
import sys, os
print("buffered"); print("error", file=sys.stderr); os.write(1, b"direct\n")
### buffer_size
import os, sys
sys.stdout.write("x" * 5000); os._exit(0)
### binary_output
import sys; sys.stdout.buffer.write(bytes(range(256)))
### closed_stdout
import sys; print("x"); sys.stdout.close()
### environment
import os
print(sorted(os.environ.items())); print(os.environb[b"HOME"], os.getenv("PYTHONPATH"))
import ctypes
libc = ctypes.CDLL(None); libc.getenv.restype = ctypes.c_char_p
print(libc.getenv(b"PATH"), libc.getenv(b"MLEDOJO_ZYGOTE_MODULES"))
### environment_of_children
import subprocess
print(subprocess.run(["env"], capture_output=True, text=True).stdout.replace("_=/usr/bin/env\n", "") and "|".join(sorted(subprocess.run(["env"], capture_output=True, text=True).stdout.split("\n"))))
### proc_self
import os
print(open("/proc/self/cmdline").read().rstrip("\0").split("\0"))
print(sorted(open("/proc/self/environ").read().strip("\0").split("\0")))
print(os.readlink("/proc/self/exe"), os.readlink("/proc/self/cwd"), os.readlink("/proc/self/root"), open("/proc/self/comm").read(), sorted(os.listdir("/proc/self/fd"))[:3], len(os.listdir("/proc/self/task")))
### identity
import os
print(os.getuid(), os.getgid(), os.getgroups(), os.getppid(), os.getpid() > 1, os.getsid(0) == os.getpid() == os.getpgid(0), os.uname().nodename, os.nice(0), oct(os.umask(0)), os.getcwd())
### status
keep = ("Uid", "Gid", "Groups", "SigI", "SigB", "SigP", "Shd", "Cap", "NoNew", "Secc", "CoreD", "Threads", "Umask")
print([l for l in open("/proc/self/status").read().split("\n") if l.startswith(keep)])
### limits
import resource
print([resource.getrlimit(getattr(resource, n)) for n in sorted(dir(resource)) if n.startswith("RLIMIT")])
### signals
import signal
print([(s, signal.getsignal(s)) for s in signal.valid_signals() if signal.getsignal(s) != signal.SIG_DFL], signal.pthread_sigmask(signal.SIG_BLOCK, []))
### mounts
print(sorted(" ".join(line.split()[4:6]) for line in open("/proc/self/mountinfo")))
### exe_cannot_be_changed
import os
for action in (lambda: os.chmod("/proc/self/exe", 0o777), lambda: open("/proc/self/exe", "r+b"), lambda: os.utime("/proc/self/exe"), lambda: os.truncate("/proc/self/exe", 0)):
    try: action(); print("CHANGED")
    except OSError: print("refused")
### paths
import sys
print(sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.executable, sys._base_executable, sys.orig_argv, sys.pycache_prefix, sys.dont_write_bytecode)
### site
import site, sys
print(site.ENABLE_USER_SITE, site.USER_BASE, site.getsitepackages(), sys.meta_path, sys.path_hooks)
### exit_builtins
print(exit, quit, copyright.__class__.__name__); exit(4)
### hash_is_fixed
print(hash("a"), hash(b"b"), list({"x", "y", "z"}))
### work_folder_module
open("/kaggle/working/mine.py", "w").write("value = 5\n")
import sys; sys.path.insert(0, "/kaggle/working")
import mine; print(mine.value, mine.__file__)
### fork
import os
print("once", flush=True)
if os.fork() == 0:
    print("child"); raise SystemExit(3)
print(os.waitstatus_to_exitcode(os.wait()[1]))
### subprocess
import subprocess, sys
print(subprocess.run([sys.executable, "-c", "import sys; print(sys.prefix, sys.path[0], sys.flags)"], capture_output=True, text=True))
### popen_and_pipes
import subprocess
print(subprocess.run("echo a; echo b >&2; exit 4", shell=True, capture_output=True))
### mp_fork
import multiprocessing as mp
def f(x): return x * x
with mp.get_context("fork").Pool(2) as pool: print(pool.map(f, range(5)))
### mp_spawn
import multiprocessing as mp
def f(x): return x * x
if __name__ == "__main__":
    with mp.get_context("spawn").Pool(2) as pool: print(pool.map(f, range(5)))
### mp_forkserver
import multiprocessing as mp
def f(x): return x * x
if __name__ == "__main__":
    with mp.get_context("forkserver").Pool(2) as pool: print(pool.map(f, range(5)))
### mp_without_guard
import multiprocessing as mp
mp.set_start_method("spawn")
mp.Process(target=print, args=("x",)).start()
### mp_names
import multiprocessing as mp
print(mp.current_process(), mp.parent_process(), mp.get_start_method(), mp.active_children(), len(mp.current_process().authkey))
### mp_queue
import multiprocessing as mp
def f(q): q.put("from child")
q = mp.Queue(); p = mp.Process(target=f, args=(q,)); p.start(); print(q.get()); p.join(); print(p.exitcode, p.name)
### futures
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
with ProcessPoolExecutor(2) as pool: print(list(pool.map(pow, [2, 3], [2, 2])))
with ThreadPoolExecutor(2) as pool: print(list(pool.map(pow, [2, 3], [2, 2])))
### shared_memory
from multiprocessing.shared_memory import SharedMemory
m = SharedMemory(create=True, size=10); m.buf[0] = 1; print(m.buf[0]); m.close(); m.unlink()
### asyncio
import asyncio
async def main():
    await asyncio.sleep(0.01); return await asyncio.to_thread(lambda: 5)
print(asyncio.run(main()))
### pickle_main
import pickle
class C: pass
print(pickle.loads(pickle.dumps(C())).__class__, C.__module__)
### dataclass_and_typing
from __future__ import annotations
import dataclasses, typing
@dataclasses.dataclass
class P: x: int = 1
print(P(), typing.get_type_hints(P))
### runpy
open("/tmp/other.py", "w").write("print(__name__, __file__)")
import runpy; runpy.run_path("/tmp/other.py", run_name="__main__")
### tempfile
import tempfile, os
print(tempfile.gettempdir(), tempfile.gettempprefix(), os.path.dirname(tempfile.mkdtemp()))
### logging
import logging
logging.warning("a warning"); logging.basicConfig(format="%(filename)s %(lineno)d %(processName)s %(threadName)s %(message)s"); logging.error("an error")
logging.basicConfig(force=True, format="%(filename)s:%(lineno)d %(funcName)s %(message)s"); logging.error("again")
print(logging.LogRecord("a", 1, "b", 1, "c", (), None).relativeCreated < 10000)
### time
import time
print(time.process_time() < 5, time.tzname, time.strftime("%Y") > "2000")
### locale
import locale, sys
print(locale.getlocale(), locale.getpreferredencoding(), sys.getfilesystemencoding(), sys.getdefaultencoding())
### platform
import platform
print(platform.node(), platform.python_version(), platform.uname())
### gc
import gc
class A: pass
a = A(); a.a = a; del a
print(gc.isenabled(), gc.get_threshold(), gc.collect() > 0, gc.garbage)
### faulthandler
import faulthandler, sys
faulthandler.dump_traceback(sys.stderr)
### tracemalloc
import tracemalloc
tracemalloc.start(); x = [0] * 1000; print(tracemalloc.get_traced_memory()[0] > 8000)
### profile_and_trace
import sys
seen = []
sys.settrace(lambda *a: seen.append(a[0].f_code.co_name))
def f(): pass
f(); sys.settrace(None); print(seen)
### input_at_end
input("name? ")
### debugger
breakpoint()
### source_encoding
# -*- coding: latin-1 -*-
print(ascii("é"))
### crlf
print("one")
print("two")
### null_bytes
exec(compile("print('x')", "<made>", "exec")); exec("1/0")
### assertion
assert 1 == 2, "not equal"
### future_division
print(7 // 2, 7 / 2, 0.1 + 0.2, 10**30, f"{1e100}")
### sleep_and_timer
import signal, time
signal.signal(signal.SIGALRM, lambda *a: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(0.2); print("awake")
### memory_error
bytearray(1 << 62)
### sqlite
import sqlite3; print(sqlite3.connect(":memory:").execute("select 1 + 1").fetchall())
### zip_and_json
import zlib, json, base64; print(json.dumps({"a": base64.b64encode(zlib.compress(b"x" * 100)).decode()}))

### leave_file_behind_module
import json
json.kept = open("kept.txt", "w")
json.kept.write("kept by a preloaded module")
import os, atexit
@atexit.register
def later():
    print(os.path.getsize("kept.txt"))

### leave_file_seen_by_child
import os, time
reader, writer = os.pipe()
if os.fork() == 0:
    import json
    json.kept = open(writer, "w")
    json.kept.write("buffered")
else:
    os.close(writer)
    print(os.read(reader, 100), os.wait()[1])

### leave_replaced_stdout
import sys
class Loud:
    def write(self, text): sys.__stdout__.write("<" + text + ">")
    def flush(self): sys.__stdout__.write("(flush)\n")
sys.stdout = Loud()
print("hello")

### leave_detached_stdout
import sys
binary = sys.stdout.detach()
binary.write(b"bytes\n")
binary.flush()

### leave_full_device
import sys
sys.stdout = open("/dev/full", "w")
print("never arrives")

### leave_closed_descriptor
import os
print("buffered")
os.close(1)

### leave_c_output
import ctypes
libc = ctypes.CDLL(None)
libc.printf(b"from C\n")
print("from Python")

### leave_fork_falls_off_the_end
import os, sys
if os.fork() == 0:
    print("child")
else:
    print(os.wait()[1], "parent")

### leave_fork_falls_off_in_exception
import os
if os.fork() == 0:
    raise ValueError("child")
print(os.wait()[1], "parent")

### leave_without_modules
import sys
sys.modules.clear()

### leave_deleted_main
import sys
class Last:
    def __del__(self): print("gone", sys.is_finalizing() if sys else None)
last = Last()
del sys.modules["__main__"]

### leave_last_type_set
import sys
sys.last_type = sys.last_value = None
print("a normal end")

### leave_hook_hides
import sys
def hook(kind, value, trace):
    print("hook", value)
sys.excepthook = hook
raise KeyError("x")

### leave_exit_zero
import sys, atexit
atexit.register(print, "handler")
sys.exit(0)

### leave_exit_in_handler
import atexit, sys
atexit.register(sys.exit, 3)

### leave_handlers_run_by_hand
import atexit
atexit.register(print, "by hand")
atexit._run_exitfuncs()
print("and on")

### leave_order_of_destructors
import sys, weakref
class Named:
    def __init__(self, name): self.name = name
    def __del__(self): print("del", self.name, sys.is_finalizing())
first, _second, third = Named("first"), Named("second"), Named("third")
cycle = Named("cycle"); cycle.self = cycle
def held(): return third
keep = weakref.finalize(first, print, "finalized")
first.other = Named("other")

### leave_module_of_its_own
open("mine.py", "w").write("class A:\n  def __del__(self): print('module gone')\na = A()\nimport atexit; atexit.register(print, 'module handler')\n")
import sys; sys.path.insert(0, ".")
import mine
print("main")

### leave_generator
def steps():
    try:
        yield 1
    finally:
        print("closed")
running = steps(); next(running)

### leave_thread_local
import threading
class A:
    def __del__(self): print("local gone")
local = threading.local(); local.a = A()

### leave_temporary_folder
import tempfile, warnings
folder = tempfile.TemporaryDirectory(prefix="x", dir=".", suffix="")
file = tempfile.NamedTemporaryFile("w", dir=".")
file.write("unflushed")

### leave_traced
import sys
sys.setprofile(lambda *event: None)
print("profiled")

### leave_standard_error_unflushed
import sys
sys.stderr.write("no newline")
sys.stdout.write("none here either")

### leave_plain_objects
import re
class A: pass
class B(A):
    __slots__ = ("x",)
a = A(); a.b = B(); a.b.x = a
class M(type): pass
class C(metaclass=M): pass
print(type(C), re.match("a+", "aab"))

### leave_generator
def numbers():
    try: yield 1
    finally: print("closed")
n = numbers(); print(next(n))

### leave_coroutine
async def wait(): pass
w = wait()

### leave_weak_reference
import weakref
class A: pass
a = A(); r = weakref.ref(a, lambda r: print("called back"))

### leave_without_fields
class A:
    __slots__ = ()
    def __del__(self): print("gone")
a = A()

### leave_a_class
class M(type):
    def __del__(cls): print("gone", cls.__name__)
class A(metaclass=M): pass

### leave_subclass_of_file
import io
class F(io.FileIO):
    def close(self):
        if not self.closed: print("closing")
        super().close()
f = F("/dev/null")

### leave_frozen
import gc
class A:
    def __del__(self): print("gone")
a = A(); gc.freeze()

### leave_debugged
import gc
gc.set_debug(gc.DEBUG_STATS)
gc.set_debug(0)
a = []; a.append(a); del a

### leave_open_with_warnings
import os, socket, warnings
warnings.simplefilter("always")
s = os.scandir("/"); next(s)
t = socket.socket()

### leave_local_cycle_in_module_function
def f(): return f
class D:
    def __init__(self): self.me = self
    def __del__(self): print("gone")
f.d = D()
