# what: new user, mount, PID, network, IPC, UTS, cgroup and time namespaces
# list: 27
# outcome: ok
buffer = ctypes.create_string_buffer(88)
for flag in (0x20000, 0x10000000, 0x40000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000, 0x80):
    forked(hex(flag), lambda: call("unshare", flag))
    forked(hex(flag), lambda: call("clone", flag | 17, 0, 0, 0, 0) or os._exit(0))
    buffer[0:8] = flag.to_bytes(8, "little")
    forked(("clone3", hex(flag)), lambda: call("clone3", buffer, 88) or os._exit(0))
for name in os.listdir("/proc/self/ns"):
    forked(name, lambda: call("setns", os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0))
for name in ("uid_map", "gid_map", "setgroups"): forked(name, lambda: write(f"/proc/self/{name}", "0 0 1"))
