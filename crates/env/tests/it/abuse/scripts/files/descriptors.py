# what: open files until none can be had, and hold them in other processes through sockets
# outcome: ok
import array, socket
held = []
try:
    while True: held.append(os.open("/dev/null", os.O_RDONLY))
except OSError: pass
for number in held[:200]: os.close(number)
pairs = [socket.socketpair() for _ in range(50)]
try:
    for left, _ in pairs:
        left.setblocking(False)
        for _ in range(300): left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", held[200:300]))])
except OSError: pass
