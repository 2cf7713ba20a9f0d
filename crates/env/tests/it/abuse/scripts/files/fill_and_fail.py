# what: fill the disk, remove nothing, and end before anybody looks
# list: 10
# outcome: disk
os.posix_fallocate(os.open("big", os.O_CREAT | os.O_RDWR), 0, 63 << 20)
os.posix_fallocate(os.open("big2", os.O_CREAT | os.O_RDWR), 0, 63 << 20)
os.posix_fallocate(os.open("big3", os.O_CREAT | os.O_RDWR), 0, 63 << 20)
os._exit(3)
