# what: a call that serves nothing but a way out: the process is killed for it, and the agent told why
# list: 27
# outcome: seccomp
# says: may not make
call("mount", ctypes.c_char_p(b"none"), ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"tmpfs"), 0, 0)
