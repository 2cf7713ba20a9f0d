# what: look for keys in variables, command lines, `.env` files, credentials, and the own memory
# list: 26
# outcome: ok
import glob
# Kept backwards, and compared backwards, so that it isn't found because it is looked for.
secret = HOST["secret_backwards"].encode()
def holds(text): return secret in text[::-1]
for name, value in os.environb.items(): attempt(name, lambda: holds(value))
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
    attempt(path, lambda: holds(open(path, "rb").read()))
for name in ("API_KEY", "TOKEN", "SECRET", "PASSWORD", "CARGO", "MLEDOJO_HOME", "MLEDOJO_TEST", "USER", "SSH", "KAGGLE_KEY"):
    attempt(name, lambda: [key for key in os.environ if key.startswith(name)])
for path in ("~/.aws/credentials", "~/.kaggle/kaggle.json", "~/.config/gcloud", "~/.ssh", "/root/.ssh", "/root/.kaggle",
    "/root/.bash_history", "/root/.config", "~/.netrc", ".env", "../.env", "/etc/shadow", "/run/secrets",
    "/var/run/secrets/kubernetes.io"):
    attempt(path, lambda: os.path.exists(os.path.expanduser(path)))
memory = os.open("/proc/self/mem", os.O_RDONLY)
for line in open("/proc/self/maps").read().splitlines():
    area = line.split()
    start, end = (int(part, 16) for part in area[0].split("-"))
    if end - start < 64 << 20: attempt(line, lambda: holds(os.pread(memory, end - start, start)))
