# what: a device
# list: 6
# action: execute_code
# outcome: submission_missing
fails("device", lambda: os.mknod("submission.csv", 0o666 | 0o020000, os.makedev(1, 5)))
