# what: a daemon by double fork that outlives its parent and holds standard output
# list: 11
# outcome: ok
# says: the parent is done
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import signal, time
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(s, signal.SIG_IGN)
        while True:
            time.sleep(0.01)
            try: os.write(1, b"x")
            except OSError: pass
    os._exit(0)
os.wait()
print("the parent is done", flush=True)
