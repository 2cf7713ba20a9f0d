# what: calls that load code into the kernel or look into it
# list: 27
# outcome: ok
buffer = ctypes.create_string_buffer(4096)
p = ctypes.c_char_p
for name, args in dict(bpf=(5, buffer, 128), userfaultfd=(1,), perf_event_open=(buffer, 0, -1, -1, 0), init_module=(buffer, 100, p(b"")),
    finit_module=(0, p(b""), 0), kexec_load=(0, 0, 0, 0), syslog=(3, buffer, 4096), quotactl=(0, 0, 0, 0), acct=(p(b"/tmp/x"),), swapon=(p(b"/tmp/x"), 0),
    reboot=(0xFEE1DEAD, 672274793, 0, 0), fanotify_init=(0, 0), lookup_dcookie=(0, buffer, 100), memfd_secret=(0,)).items():
    forked(name, lambda: call(name, *args))
for path in ("/dev/mem", "/dev/kmsg", "/dev/kvm", "/dev/port", "/dev/fuse", "/dev/loop0", "/dev/vhost-net", "/proc/kcore", "/proc/kallsyms", "/sys/kernel/debug", "/sys/fs/bpf"):
    attempt(path, lambda: [os.open(path, os.O_RDONLY)] if not path.endswith("kallsyms") else int(open(path).read(16), 16))
