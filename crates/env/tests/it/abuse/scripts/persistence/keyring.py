# what: leave a key in the kernel's keyring
# list: 24 25
# outcome: ok
p = ctypes.c_char_p
for ring in (-1, -2, -3, -4, -5):
    fails("add", lambda: call("add_key", p(b"user"), p(b"left"), p(b"x"), 1, ring))
    fails("keyctl", lambda: call("keyctl", 0, ring, 1))
attempt("keys", lambda: open("/proc/keys").read())
