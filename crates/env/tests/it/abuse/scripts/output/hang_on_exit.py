# what: end with exit handlers and finalizers that never return
# outcome: timeout
# limits: wall=1.5
import atexit, threading
atexit.register(lambda: threading.Event().wait())
print("done")
