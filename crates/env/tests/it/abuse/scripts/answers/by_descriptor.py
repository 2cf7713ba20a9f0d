# what: use a descriptor that was left open by the supervisor or the warm interpreter
# list: 2
# outcome: ok
import stat
for number in range(3, 4096):
    try: mode = os.fstat(number).st_mode
    except OSError: continue
    print("GOT descriptor", number, oct(mode), os.readlink(f"/proc/self/fd/{number}"))
for number in (0, 1, 2):
    attempt(("a folder", number), lambda: stat.S_ISDIR(os.fstat(number).st_mode))
    attempt("openat", lambda: os.open("..", os.O_RDONLY, dir_fd=number) + 1)
print(os.read(0, 1))
