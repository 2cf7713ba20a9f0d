# what: leave System V and POSIX shared memory, semaphores and message queues
# list: 24
# outcome: ok
from multiprocessing import shared_memory
for key in range(4700, 4710):
    libc.shmget(key, 4096, 0o1666); libc.semget(key, 1, 0o1666); libc.msgget(key, 0o1666)
memory = shared_memory.SharedMemory("left", create=True, size=1000)
libc.mq_open(b"/left", 0o102, 0o666, 0)
write("/dev/shm/left"); write("/tmp/left")
os._exit(0)
