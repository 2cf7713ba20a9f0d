# what: reach services of the host: its loopback, abstract and named sockets, Docker, D-Bus
# list: 19
# outcome: ok
import socket
def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2); s.connect(address); return "connected"
attempt("tcp", lambda: connect(socket.AF_INET, ("127.0.0.1", HOST["port"])))
attempt("tcp", lambda: connect(socket.AF_INET, ("0.0.0.0", HOST["port"])))
attempt("tcp6", lambda: connect(socket.AF_INET6, ("::1", HOST["port"])))
attempt("abstract", lambda: connect(socket.AF_UNIX, "\0" + HOST["abstract"]))
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0", "/run/systemd/private"):
    attempt(path, lambda: connect(socket.AF_UNIX, path))
attempt("sockets", lambda: [line for line in open("/proc/net/unix") if "mledojo" in line])
attempt("tcp table", lambda: open("/proc/net/tcp").read().splitlines()[1:])
