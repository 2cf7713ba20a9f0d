# what: become another user, with capabilities
# list: 27
# outcome: ok
for what in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])):
    fails("id", what)
header, data = ctypes.create_string_buffer((0x20080522).to_bytes(4, "little") + bytes(4)), ctypes.create_string_buffer(b"\xff" * 24)
fails("capset", lambda: call("capset", header, data))
attempt("ambient", lambda: libc.prctl(47, 2, 0, 0, 0) == 0)
libc.setfsuid(0); libc.setfsgid(0)
attempt("file system id", lambda: [line for line in open("/proc/self/status") if line.startswith(("Uid", "Gid")) and "\t0" in line])
for name in ("oom_score_adj", "oom_adj"): fails(name, lambda: write(f"/proc/self/{name}", "-17"))
