# Run as `python -I -c <this>`: says, as one line of JSON, what this interpreter is and what it needs.
import importlib, json, os, platform, re, sys, sysconfig

if sys.version_info < (3, 8):
    print(json.dumps({"version": platform.python_version()}))
    sys.exit()


def libraries():
    # Extension modules of the standard library pull in the shared libraries that scientific packages need as well.
    for name in ("ctypes", "ssl", "sqlite3", "lzma", "bz2", "zlib", "hashlib", "decimal", "socket"):
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    found = {os.path.realpath(sys.executable)}
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            for line in maps:
                path = line.rstrip("\n").split(None, 5)[5:]
                if path and path[0].startswith("/") and ".so" in path[0] and os.path.exists(path[0]):
                    found.add(path[0])
    except OSError:
        pass
    return sorted(found)


def packages():
    from importlib import metadata

    found = {}
    for distribution in metadata.distributions():
        try:
            name, version = distribution.metadata["Name"], distribution.version
        except Exception:
            continue
        if name and version:
            # The first on sys.path is the one that gets imported.
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return found


def site_packages():
    # Where the scientific packages lie, else where a package would be installed.
    folders = [path for path in sys.path if os.path.isdir(path)]
    for name in ("sklearn", "numpy"):
        for folder in folders:
            if os.path.isdir(os.path.join(folder, name)):
                return folder
    return sysconfig.get_path("platlib")


def has(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None


paths = sysconfig.get_paths()
json.dump(
    {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "executable": sys.executable,
        "prefixes": [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix],
        "is_venv": sys.prefix != sys.base_prefix,
        "standard_library": [paths["stdlib"], paths["platstdlib"]],
        "site_packages": site_packages(),
        "libraries": libraries(),
        "packages": packages(),
        "has_venv": has("venv") and has("ensurepip"),
    },
    sys.stdout,
)
