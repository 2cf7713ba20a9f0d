# what: close all three streams, fill their numbers with others, and go on
# outcome: ok
for number in range(3): os.close(number)
for number in range(3): os.open("/dev/zero", os.O_RDWR)
os.write(1, b"x" * 1000)
os._exit(0)
