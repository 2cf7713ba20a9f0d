# what: names with newlines, escapes, quotes, shell commands, 255 bytes, and bytes that are no UTF-8
# list: 40
# outcome: ok
for name in (b"new\nline", b"\xff\xfe", b"-rf", b"$(touch " + HOST["marker"].encode().replace(b"/", b"_") + b")", b"; reboot", b"`id`", b"..\\..", b"a" * 255,
    b"...", b" ", b"\x1b[2J", b"'\"", b"*", b"con", b"%s%n", b"\xed\xa0\x80", "\u202e".encode(), b"submission.csv ", b"submission.csv\n"):
    open(name, "w").close()
    try: os.mkdir(name + b".d")
    except OSError: pass
attempt("256", lambda: open("a" * 256, "w"))
