# what: the same in a thread, and in a child that the parent outlives
# list: 27
# outcome: seccomp
import threading
forked("bpf", lambda: call("bpf", 5, ctypes.create_string_buffer(128), 128))
threading.Thread(target=lambda: call("init_module", 0, 0, 0)).start()
import time; time.sleep(5)
