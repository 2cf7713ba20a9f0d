# what: put a link to elsewhere in the place of the working folder
# list: 5
# outcome: ok
fails("move", lambda: os.rename("/kaggle/working", "/kaggle/w"))
fails("remove", lambda: os.rmdir("/kaggle/working"))
fails("link", lambda: os.symlink(HOST["private"], "/kaggle/working"))
os.symlink(HOST["private"], "work"); os.symlink(HOST["private"], "before-0002")
fails("exchange", lambda: libc.renameat2(-100, b"/kaggle/working", -100, b"/kaggle/working/work", 2) and 1 / 0)
