# what: flood standard error from C, after closing `sys.stdout` and `sys.stderr`
# list: 13
# outcome: output
sys.stdout.close(); sys.stderr.close()
text = ctypes.c_char_p(b"e" * 4000)
while True: libc.dprintf(2, b"%s\n", text)
