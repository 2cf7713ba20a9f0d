# what: devices of graphics cards, disks and terminals, and making them
# list: 27
# outcome: ok
for name in os.listdir("/dev"):
    if name not in ("null", "zero", "full", "random", "urandom", "shm", "fd", "stdin", "stdout", "stderr", "ptmx", "pts", "mqueue"):
        print("GOT", name)
for kind, major, minor in ((0o020000, 195, 0), (0o020000, 1, 1), (0o060000, 8, 0), (0o060000, 259, 0)):
    for folder in ("/tmp", "/dev", "/dev/shm", "."):
        fails((major, minor, folder), lambda: os.mknod(folder + "/x", 0o666 | kind, os.makedev(major, minor)))
import fcntl
for number in range(3):
    for request in (0x1260, 0x4C80, 0xC0286429, 0xC00046D2): fails(hex(request), lambda: fcntl.ioctl(number, request, bytes(64)))
