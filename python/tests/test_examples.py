"""The programs in `examples/python` do what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples/python"


def test_the_mean_reward_rises(tmp_path: Path) -> None:
    curve = tmp_path / "curve.svg"
    command = [sys.executable, EXAMPLES / "reinforce.py", "--updates", "12", "--rate", "4", "--plot", curve]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = re.search(r"mean reward: ([\d.]+) in the first quarter, ([\d.]+) in the last", done.stdout)
    assert found is not None, done.stdout
    first, last = map(float, found.groups())
    assert last > first + 0.1, done.stdout
    assert curve.read_text().startswith("<svg")
