# what: hard links and symbolic links to the answers, and to the public data
# list: 4
# outcome: ok
for target in (HOST["answers"], "/kaggle/input/diabetes/train.csv", "/kaggle/src", "/etc/passwd", sys.executable):
    fails(("hard link", target), lambda: os.link(target, "hard"))
os.symlink(HOST["answers"], "soft")
attempt("soft", lambda: open("soft").read())
os.symlink(HOST["private"], "folder")
attempt("folder", lambda: os.listdir("folder"))
