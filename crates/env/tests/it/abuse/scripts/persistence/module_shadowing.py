# what: leave `numpy.py`, `json.py`, `helper.py` and their bytecode where the next run might import them
# list: 23
# outcome: ok
import py_compile
evil = f"raise SystemExit(99)\nopen({HOST['marker']!r}, 'w')\n"
for name in ("numpy", "pandas", "json", "sitecustomize", "usercustomize", "helper", "conftest", "__init__", "csv"):
    for folder in (".", "/tmp", "/dev/shm", "/kaggle/src", "/kaggle"):
        try: write(f"{folder}/{name}.py", evil)
        except OSError: continue
        os.makedirs(f"{folder}/__pycache__", exist_ok=True)
        py_compile.compile(f"{folder}/{name}.py")
fails("source", lambda: write("/kaggle/src/json.py"))
