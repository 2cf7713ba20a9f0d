# what: daemons that watch each other and start again
# list: 11
# outcome: ok or processes
# limits: wall=5
def watch():
    os.setsid()
    while True:
        child = os.fork()
        if child == 0: continue
        os.waitpid(child, 0)
for _ in range(3):
    if os.fork() == 0:
        try: watch()
        finally: os._exit(0)
