# what: folders in folders, deeper than any path can be long
# list: 10
# outcome: disk
for _ in range(1200):
    os.mkdir("d" * 20)
    os.chdir("d" * 20)
open("bottom", "w").close()
