# what: leave by a raw `exit_group` from a forked child that took the parent's place
# outcome: ok
if os.fork() != 0:
    os.waitpid(-1, 0)
    os._exit(0)
os.execv("/bin/sh", ["sh", "-c", "exit 0"])
