# Tells, as one line of JSON, which Python an image has, its packages, and which of the paths given as arguments lie
# below any folder of packages: as [real path, is a folder].
import glob
import importlib.metadata
import json
import os
import re
import sys
import sysconfig

roots = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
roots.update(path for path in sys.path if path.endswith("-packages"))
for pattern in ("site-packages", "dist-packages"):
    for lib in ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"):
        roots.update(glob.glob(f"{lib}/python*/{pattern}"))

covers = {}
for root in roots:
    for name in sys.argv[1:]:
        path = os.path.realpath(os.path.join(root, name))
        if os.path.exists(path):
            covers[path] = os.path.isdir(path)

versions = {"python": ".".join(map(str, sys.version_info[:3]))}
for package in importlib.metadata.distributions():
    name = package.metadata["Name"]
    if name:
        versions[re.sub(r"[-_.]+", "-", name).lower()] = package.version

print(json.dumps({"executable": sys.executable, "versions": versions, "covers": sorted(covers.items())}))
