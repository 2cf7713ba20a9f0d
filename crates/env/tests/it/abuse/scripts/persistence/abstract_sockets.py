# what: keep an abstract socket open in a process that should outlive the run
# list: 24
# outcome: ok
import socket
listener = socket.socket(socket.AF_UNIX); listener.bind("\0left"); listener.listen()
if os.fork() == 0:
    os.setsid()
    listener.accept()
