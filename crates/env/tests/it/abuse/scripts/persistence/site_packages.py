# what: plant `sitecustomize`, `usercustomize`, `.pth` and `conftest` files, and change packages
# list: 22
# outcome: ok
import site, sysconfig
evil = f"open({HOST['marker']!r}, 'w')\n"
places = {sysconfig.get_path(name) for name in ("purelib", "stdlib", "platlib", "scripts", "data")} | set(path for path in sys.path if path)
for place in places:
    for name in ("sitecustomize.py", "usercustomize.py", "evil.pth", "conftest.py", "__pycache__/os.cpython-311.pyc", "json/__init__.py", "helper.py"):
        fails((place, name), lambda: write(f"{place}/{name}", evil))
user = site.getusersitepackages()
os.makedirs(user)
for name in ("sitecustomize.py", "usercustomize.py", "evil.pth"): write(f"{user}/{name}", evil)
for name in (".pythonrc.py", ".bashrc", ".profile", ".pdbrc", ".gitconfig"): write(os.path.expanduser(f"~/{name}"), evil)
fails("interpreter", lambda: write(os.path.realpath(sys.executable)))
fails("pyvenv.cfg", lambda: write(sys.prefix + "/pyvenv.cfg"))
