# what: a million files in the working folder
# list: 10
# outcome: disk
for number in range(1_000_000): os.close(os.open(f"{number}.txt", os.O_CREAT))
