# what: a million files in `/tmp`
# list: 10
# outcome: ok or memory
made = 0
try:
    for made in range(1_000_000): os.close(os.open(f"/tmp/{made}", os.O_CREAT))
    print("GOT all")
except OSError as error: print(error)
