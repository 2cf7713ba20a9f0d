# what: a stack without end, in Python and in C
# outcome: signal 11 or memory or exit_code 1
# limits: wall=10
sys.setrecursionlimit(10**9)
class Endless:
    def __repr__(self): return repr([self])
import threading
threading.stack_size(0)
repr(Endless())
