# what: a fork bomb that minds no failure
# list: 8
# outcome: timeout or processes
# limits: wall=1.5 processes=40
while True:
    try: os.fork()
    except OSError: pass
