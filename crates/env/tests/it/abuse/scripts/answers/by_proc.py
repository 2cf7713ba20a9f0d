# what: reach the answers through `/proc/PID/root`, `cwd`, `fd` and `map_files` of every process
# list: 1 2
# outcome: ok
for pid in ("1", "self", "thread-self", str(os.getppid()), str(HOST["supervisor"])):
    for way in ("root", "cwd"):
        attempt(pid, lambda: open(f"/proc/{pid}/{way}{HOST['answers']}").read())
        attempt(pid, lambda: open(f"/proc/{pid}/{way}/../private/test_answer.csv").read())
    if pid in ("1", str(os.getppid()), str(HOST["supervisor"])):
        for name in ("fd", "map_files", "task", "ns", "root"):
            for entry in (os.listdir(f"/proc/{pid}/{name}") if os.path.isdir(f"/proc/{pid}") and os.access(f"/proc/{pid}/{name}", os.R_OK) else []):
                attempt(entry, lambda: open(f"/proc/{pid}/{name}/{entry}").read(1))
        for name in ("environ", "mem", "maps", "stack", "syscall", "auxv"):
            attempt((pid, name), lambda: open(f"/proc/{pid}/{name}", "rb").read(1))
