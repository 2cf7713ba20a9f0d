# what: run a program from memory with `memfd_create` and `execveat`; it is no freer than its parent
# list: 27
# outcome: ok
import subprocess
file = os.memfd_create("sh", 0)
os.write(file, open("/bin/sh", "rb").read())
script = "id -u; cat /proc/self/status | grep -E 'CapEff|NoNewPrivs|Seccomp:'; ls /root/.ssh; mount -t tmpfs none /tmp"
if (child := os.fork()) == 0:
    arguments = (ctypes.c_char_p * 4)(b"sh", b"-c", script.encode(), None)
    call("execveat", file, ctypes.c_char_p(b""), arguments, 0, 0x1000)
    os._exit(1)
out = subprocess.run([f"/proc/self/fd/{file}", "-c", script], pass_fds=[file], capture_output=True, text=True).stdout.split()
attempt("more rights", lambda: [word for word in out if word.startswith("00000")] != ["0000000000000000"] or out[0] == "0")
attempt("no filter", lambda: out[out.index("Seccomp:") + 1] != "2" or out[out.index("NoNewPrivs:") + 1] != "1")
os.waitpid(child, 0)
