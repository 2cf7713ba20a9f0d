# what: invalid UTF-8, NUL, ANSI escapes and right-to-left marks
# list: 14
# outcome: ok
# says: the end
os.write(1, b"\xff\xfe\x00\x1b[2J\x1b]0;title\x07\r\r\b\b" * 100 + "\u202e\u2066\ud7ff\U0010ffff".encode() + b"\xed\xa0\x80\n")
os.write(2, bytes(range(256)) * 10)
print("the end")
