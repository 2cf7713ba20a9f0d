# what: tens of thousands of files in the working folder
# list: 10
# outcome: ok or timeout or disk
# limits: wall=10
for number in range(15_000): os.close(os.open(f"{number}.txt", os.O_CREAT))
