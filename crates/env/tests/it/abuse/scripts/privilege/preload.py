# what: a library of one's own, loaded by `LD_PRELOAD` and `LD_AUDIT` into every child
# outcome: ok
import shutil, subprocess
shutil.copy("/bin/true", "/tmp/evil.so")
for name in ("LD_PRELOAD", "LD_AUDIT", "GLIBC_TUNABLES", "LD_LIBRARY_PATH", "LD_DEBUG_OUTPUT"):
    os.environ[name] = "/tmp/evil.so"
subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True)
os.execv(sys.executable, [sys.executable, "-c", "print(2)"])
