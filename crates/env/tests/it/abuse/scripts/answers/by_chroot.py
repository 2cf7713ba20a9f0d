# what: leave the root with `chroot`, `pivot_root`, and `..` from a folder that was open before
# list: 4
# outcome: ok
here = os.open(".", os.O_RDONLY)
forked("chroot", lambda: os.chroot("/tmp"))
forked("pivot_root", lambda: call("pivot_root", ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"/tmp")))
os.fchdir(here)
for _ in range(50): os.chdir("..")
attempt("above the root", lambda: set(os.listdir(".")) - set(os.listdir("/")))
attempt("answers", lambda: open("." + HOST["answers"]).read())
