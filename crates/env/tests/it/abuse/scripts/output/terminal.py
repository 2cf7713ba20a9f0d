# what: pseudo-terminals: open one, take the controlling terminal, type into others
# outcome: ok
import fcntl
fails("openpty", os.openpty)
fails("ptmx", lambda: os.open("/dev/ptmx", os.O_RDWR))
fails("tty", lambda: os.open("/dev/tty", os.O_RDWR))
for number in (0, 1, 2):
    for request in (0x5412, 0x541C, 0x540E, 0x5422):
        fails(hex(request), lambda: fcntl.ioctl(number, request, b"x"))
fails("vhangup", lambda: call("vhangup"))
if os.fork() == 0:
    os.setsid()
    fails("controlling terminal", lambda: fcntl.ioctl(1, 0x540E, 1))
