# what: start programs with arguments and variables of gigabytes
# outcome: ok
import subprocess
for size in (1 << 17, 1 << 21, 1 << 26):
    attempt(size, lambda: subprocess.run(["/bin/true", "x" * size]).returncode == 0 and size > 1 << 22)
    attempt(size, lambda: subprocess.run(["/bin/true"], env={"X": "x" * size}).returncode == 0 and size > 1 << 22)
attempt("many", lambda: subprocess.run(["/bin/true"] + ["x" * 1000] * 100_000).returncode == 0)
