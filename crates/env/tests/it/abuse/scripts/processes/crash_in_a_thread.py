# what: corrupt the heap and abort in another thread, with output pending
# outcome: signal 6 or signal 11
import threading
sys.stdout.write("pending")
threading.Thread(target=libc.abort).start()
import time; time.sleep(10)
