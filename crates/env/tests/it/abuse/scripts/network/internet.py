# what: reach the internet, name servers and the metadata address
# list: 18
# outcome: ok
import socket, urllib.request
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.settimeout(2); s.connect(address); return "connected"
for address in (("169.254.169.254", 80), ("8.8.8.8", 53), ("1.1.1.1", 443), ("10.0.0.1", 22), ("192.168.0.1", 80), ("172.17.0.1", 2375)):
    attempt(address, lambda: connect(socket.AF_INET, address))
    fails(address, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address))
attempt("ipv6", lambda: connect(socket.AF_INET6, ("2001:4860:4860::8888", 53)))
for name in ("example.com", "metadata.google.internal", "kaggle.com"):
    attempt(name, lambda: socket.getaddrinfo(name, 80))
attempt("http", lambda: urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=2).read())
attempt("routes", lambda: open("/proc/net/route").read().splitlines()[1:])
attempt("interfaces", lambda: [name for _, name in socket.if_nameindex() if name != "lo"])
