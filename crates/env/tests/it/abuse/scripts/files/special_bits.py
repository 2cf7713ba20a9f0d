# what: leave setuid programs, capabilities and attributes behind
# list: 27
# outcome: ok
import shutil, subprocess
shutil.copy("/bin/sh", "shell"); os.chmod("shell", 0o6755)
attempt("root by setuid", lambda: b"uid=0" in subprocess.run(["./shell", "-c", "id"], capture_output=True).stdout)
fails("file capabilities", lambda: os.setxattr("shell", "security.capability", b"\x01\0\0\x02" + b"\xff" * 16))
fails("trusted attribute", lambda: os.setxattr("shell", "trusted.overlay.opaque", b"y"))
fails("owner", lambda: os.chown("shell", 0, 0))
