# what: put a filter that allows all, and one that asks a listener of one's own, over the filter
# list: 27
# outcome: ok
program = ctypes.create_string_buffer((6).to_bytes(2, "little") + bytes(2) + (0x7FFF0000).to_bytes(4, "little"), 8)
filters = ctypes.create_string_buffer((1).to_bytes(8, "little") + ctypes.addressof(program).to_bytes(8, "little"), 16)
libc.syscall(NUMBERS["seccomp"], 1, 8, filters)
libc.prctl(22, 2, filters, 0, 0)
forked("mount", lambda: call("mount", ctypes.c_char_p(b"none"), ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"tmpfs"), 0, 0))
forked("unshare", lambda: call("unshare", 0x10000000))
attempt("no filter", lambda: "Seccomp:\t2" not in open("/proc/self/status").read())
