# what: change interfaces and routes, or listen to the kernel, through netlink
# outcome: ok
import socket, struct
def ask(kind, flags, body):
    with socket.socket(16, socket.SOCK_RAW, 0) as s:
        s.settimeout(1); s.bind((0, 0))
        s.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        answer = s.recv(4096)
        code = struct.unpack("=i", answer[16:20])[0]
        if struct.unpack("=H", answer[4:6])[0] == 2 and code < 0: raise OSError(-code)
        return answer
fails("new link", lambda: ask(16, 0x605, struct.pack("=BBHiII", 0, 0, 0, 0, 1, 1)))
fails("new address", lambda: ask(20, 0x605, struct.pack("=BBBBI", 2, 8, 0, 0, 1) + struct.pack("=HH4s", 8, 2, bytes([10, 0, 0, 1]))))
for protocol in (9, 12, 15, 16):
    attempt(("listen", protocol), lambda: (s := socket.socket(16, socket.SOCK_RAW, protocol), s.settimeout(0.2), s.bind((0, 1)), s.recv(10)))
