# what: io_uring, by which calls pass no filter
# list: 25 27
# outcome: ok
buffer = ctypes.create_string_buffer(256)
fails("setup", lambda: call("io_uring_setup", 8, buffer))
for number in (426, 427): fails(number, lambda: call(number, 0, 0, 0, 0))
