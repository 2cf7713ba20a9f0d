"""What users install: the wheel works where there is no Rust, and the source distribution has all it is built from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

QUICK_START = """
import shutil
assert shutil.which("cargo") is None and shutil.which("rustc") is None
import gymnasium, mledojo
env = gymnasium.make("mledojo/Kaggle-v0", competition="iris")
observation, info = env.reset(seed=0)
code = '''
import pandas as pd
sample = pd.read_csv("/kaggle/input/iris/sample_submission.csv")
sample.to_csv("submission.csv", index=False)
'''
observation, reward, terminated, truncated, info = env.step({"action": "execute_code", "params": {"code": code}})
assert observation["has_score"] == 1 and reward > 0, observation["feedback"]
env.close()
print(mledojo.__file__)
"""


def run(*command: str | Path, **variables: str) -> str:
    done = subprocess.run([str(part) for part in command], env=variables or None, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.mark.skipif("MLEDOJO_TEST_WHEEL" not in os.environ, reason="`cargo xtask test` builds the wheel")
def test_the_wheel_runs_the_quick_start_in_a_new_environment_without_rust(tmp_path: Path) -> None:
    wheel = Path(os.environ["MLEDOJO_TEST_WHEEL"])
    assert "-cp311-abi3-" in wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    assert {"mledojo/py.typed", "mledojo/_core.pyi", "mledojo/_core.abi3.so"} <= set(names)
    assert all(name.startswith(("mledojo/", "mledojo-")) for name in names)

    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", venv)
    run(venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    python = os.environ.get("MLEDOJO_PYTHON")
    variables = {"PATH": str(venv / "bin"), "HOME": str(tmp_path), "MLEDOJO_HOME": os.environ["MLEDOJO_HOME"]}
    if python:
        variables["MLEDOJO_PYTHON"] = python
    where = run(venv / "bin/python", "-I", "-c", QUICK_START, **variables)
    assert Path(where).is_relative_to(venv)


@pytest.mark.skipif(shutil.which("cargo") is None, reason="needs Cargo")
def test_the_source_distribution_has_all_it_is_built_from(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "maturin", "sdist", "--out", tmp_path], cwd=ROOT, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(tmp_path, filter="data")
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    for path in ("catalog/iris/competition.toml", "python/mledojo/env.py", "crates/python/src/lib.rs", "LICENSE-MIT"):
        assert (folder / path).is_file(), path
    # Cargo reads every manifest, and each target's file must be there.
    subprocess.run(["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=folder, check=True, capture_output=True)
