# what: serve on every interface and wait for the host or a neighbour to connect
# list: 19
# outcome: ok
import socket
for family, address in ((socket.AF_INET, ("0.0.0.0", HOST["port"])), (socket.AF_UNIX, "\0" + HOST["abstract"]), (socket.AF_UNIX, "/tmp/sock")):
    server = socket.socket(family); server.bind(address); server.listen(); server.settimeout(0.3)
    attempt("a client", lambda: server.accept()[1])
