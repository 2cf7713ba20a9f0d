# what: write below `/proc/sys`, `/sys` and the control groups
# list: 27
# outcome: ok
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger", "/proc/sys/vm/overcommit_memory", "/proc/sys/net/ipv4/ip_forward",
    "/proc/sys/kernel/ns_last_pid", "/proc/irq/default_smp_affinity", "/proc/1/oom_score_adj", "/proc/self/clear_refs2", "/sys/power/state", "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/memory.max", "/sys/kernel/uevent_helper", "/proc/self/attr/exec"):
    fails(path, lambda: write(path, "1"))
for folder in ("/sys/fs/cgroup", "/proc/self/cgroup"):
    fails(folder, lambda: os.mkdir(folder + "/x"))
