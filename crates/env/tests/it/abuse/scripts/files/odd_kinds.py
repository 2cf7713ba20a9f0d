# what: pipes, sockets, devices, loops of links and files without rights all over the working folder
# list: 6
# outcome: ok
import socket
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
os.symlink("loop", "loop")
os.symlink("/proc/self/mem", "mem")
os.symlink("/", "root")
os.symlink(HOST["private"], "private")
os.symlink("../steps.jsonl", "steps.jsonl")
fails("device", lambda: os.mknod("device", 0o600 | 0o060000, os.makedev(8, 0)))
fails("character device", lambda: os.mknod("null", 0o600 | 0o020000, os.makedev(1, 3)))
open("none", "w").close(); os.chmod("none", 0)
