# what: change the public data
# list: 20
# outcome: ok
folder = "/kaggle/input/diabetes"
for name in os.listdir(folder):
    path = f"{folder}/{name}"
    for what in (lambda: write(path), lambda: os.open(path, os.O_RDWR), lambda: os.truncate(path, 0), lambda: os.chmod(path, 0o777), lambda: os.utime(path),
        lambda: os.unlink(path), lambda: os.rename(path, "x"), lambda: os.setxattr(path, "user.x", b"y"), lambda: os.link(path, "y")):
        fails(path, what)
fails("new", lambda: write(folder + "/new"))
fails("through proc", lambda: os.open(f"/proc/self/fd/{os.open(folder + '/train.csv', os.O_RDONLY)}", os.O_RDWR))
import mmap
with open(folder + "/train.csv") as file:
    fails("mapped", lambda: mmap.mmap(file.fileno(), 0, prot=mmap.PROT_WRITE, flags=mmap.MAP_SHARED))
