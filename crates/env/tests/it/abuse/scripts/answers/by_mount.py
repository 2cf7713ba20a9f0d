# what: mount, bind, move and remount
# list: 4
# outcome: ok
p = ctypes.c_char_p
for name, flags in (("tmpfs", 0), ("proc", 0), ("bind", 4096), ("remount", 32), ("move", 8192), ("shared", 1 << 20)):
    forked(name, lambda: call("mount", p(name.encode()), p(b"/tmp"), p(name.encode()), flags, 0))
forked("bind", lambda: call("mount", p(b"/proc/1/root"), p(b"/tmp"), 0, 4096, 0))
forked("umount", lambda: call("umount2", p(b"/kaggle/input/diabetes"), 2))
forked("umount", lambda: call("umount2", p(b"/kaggle/working"), 2))
forked("open_tree", lambda: call("open_tree", -100, p(b"/"), 1 | 0x8000))
forked("move_mount", lambda: call("move_mount", -100, p(b"/usr"), -100, p(b"/tmp"), 0))
forked("fsopen", lambda: call("fsopen", p(b"ext4"), 0))
forked("mount_setattr", lambda: call("mount_setattr", -100, p(b"/"), 0, p(bytes(32)), 32))
