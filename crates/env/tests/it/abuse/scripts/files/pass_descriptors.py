# what: pass descriptors of folders and of `/proc` between processes, and climb from them
# outcome: ok
import array, socket
left, right = socket.socketpair()
if os.fork() == 0:
    folder = os.open("/proc/self/root", os.O_PATH)
    socket.send_fds(left, [b"x"], [folder, os.open("/", os.O_RDONLY), os.open("/kaggle", os.O_RDONLY)])
    os._exit(0)
_, numbers, _, _ = socket.recv_fds(right, 10, 10)
for number in numbers:
    attempt("up", lambda: set(os.listdir(os.open("..", os.O_RDONLY, dir_fd=number))) - set(os.listdir("/")))
    fails("write", lambda: os.open("made", os.O_CREAT | os.O_WRONLY, dir_fd=number))
    attempt("answers", lambda: os.open(HOST["answers"].lstrip("/"), os.O_RDONLY, dir_fd=number) + 1)
