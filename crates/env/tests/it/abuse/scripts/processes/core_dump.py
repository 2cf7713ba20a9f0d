# what: crash with a core dump as large as can be
# outcome: signal 11
import resource
fails("core", lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, 1 << 30)))
ballast = bytearray(50 << 20)
ctypes.string_at(0)
