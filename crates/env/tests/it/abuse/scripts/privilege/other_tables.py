# what: system calls of the 32-bit and x32 tables, which a filter by number would mistake
# list: 27
# outcome: seccomp
import mmap
fails("x32", lambda: call(0x40000000 | 39))
fails("unknown", lambda: call(9999))
if platform.machine() == "x86_64":
    code = mmap.mmap(-1, 4096, prot=7)
    # mov eax, 20 (getpid); int 0x80; ret
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    attempt("int 0x80", lambda: function() > 0)
