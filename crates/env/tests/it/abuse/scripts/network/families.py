# what: sockets of other families: vsock, packet, raw, Bluetooth, crypto, CAN, RDS, TIPC, XDP
# list: 25
# outcome: ok
import socket
for family in (40, 17, 31, 38, 15, 29, 21, 30, 44, 5, 4, 9, 12, 37, 39, 43):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        fails((family, kind), lambda: socket.socket(family, kind))
        fails((family, kind), lambda: socket.socketpair(family, kind))
for protocol in (1, 6, 17, 255): fails("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol))
