# what: write to every descriptor that there may be, to be taken for the supervisor's channel
# outcome: ok
for number in range(3, 256):
    for text in (b"\x00" * 64, b"\x01\x00\x00\x00" * 16, b'{"status": 0}\n'):
        fails(number, lambda: os.write(number, text))
for path in os.listdir("/proc/1/fd") if os.access("/proc/1/fd", os.R_OK) else []:
    fails(path, lambda: open(f"/proc/1/fd/{path}", "wb").write(b"\x00"))
