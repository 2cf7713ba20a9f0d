# what: become another program that ignores the deadline
# list: 16
# outcome: timeout
# limits: wall=1.5
os.execv("/bin/sh", ["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 10; done"])
