"""Makes tiny downloads, and from each what its fact sheet says, with the libraries that the reference uses.

    python run.py OUT [SLUG ...]

A competition is a file <slug>.py beside this one with two functions: `raw(folder)` writes a download, and
`prepare(raw, out)` writes `out/public` and `out/private` from it under protocol mle-dojo. For each, OUT/<slug>/raw and
OUT/<slug>/expected are made. Downloads depend on the seed below alone. Files that are not named like a competition of
the catalog hold what several have in common.
"""

import importlib.util
import os
import pathlib
import random
import sys
import traceback

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CATALOG = HERE.parents[3] / "catalog"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    out, wanted = pathlib.Path(sys.argv[1]), sys.argv[2:]
    sys.path.insert(0, str(HERE))
    failed = False
    for path in sorted(HERE.glob("*.py")):
        if not (CATALOG / path.stem).is_dir() or (wanted and path.stem not in wanted):
            continue
        np.random.seed(7)
        random.seed(7)
        raw, expected = out / path.stem / "raw", out / path.stem / "expected"
        for folder in (raw, expected / "public", expected / "private"):
            folder.mkdir(parents=True)
        try:
            module = load(path)
            module.raw(raw)
            module.prepare(raw, expected)
        except Exception:
            traceback.print_exc()
            print(f"{path.stem}: the reference failed", file=sys.stderr)
            failed = True
    # What the libraries leave to tear down is of no interest.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if failed else 0)


main()
