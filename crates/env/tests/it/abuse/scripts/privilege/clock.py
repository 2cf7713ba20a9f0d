# what: set the clock, or fake it, to beat the deadline
# list: 28
# outcome: timeout
# limits: wall=1.5
import time
buffer = ctypes.create_string_buffer(64)
for name, args in dict(clock_settime=(0, buffer), settimeofday=(buffer, 0)).items(): fails(name, lambda: call(name, *args))
ctypes.memset(buffer, 255, 4)
fails("adjtimex", lambda: call("adjtimex", buffer))
time.time = time.monotonic = time.perf_counter = lambda: 0.0
os.environ["FAKETIME"] = "-10d"
while time.time() < 1: pass
