"""What the Python layer costs: ``python python/benches/overhead.py``.

Prints one line for each measure, with its target: the time to import the package, what `KaggleEnv.step` takes beyond the same
step in Rust, and the throughput of a vector of 32 environments over that of the pool below it. Both sides of a comparison are
measured in turn, in this process. The exit code is 1 if a target is missed. Build with ``maturin develop --release`` first.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INFO = {"info_type": "overview"}
CODE = {"code": "print(1)"}


def import_milliseconds(repeats: int = 15) -> float:
    """How much longer an interpreter takes that imports the package, the least of several."""

    def least(code: str) -> float:
        times = []
        for _ in range(repeats):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - begun)
        return min(times)

    return 1e3 * (least("import mledojo") - least("pass"))


def step_microseconds(folder: Path, batches: int = 40, batch: int = 50) -> tuple[float, float]:
    """Median time of a step in Python, and of the same step in Rust."""
    import mledojo

    env = mledojo.make("iris", steps=None, seconds=None, run_dir=folder)
    env.reset(seed=0)
    action = {"action": "request_info", "params": INFO}
    python: list[float] = []
    rust: list[float] = []
    for _ in range(batches):
        rust += env.core.time_steps(batch, "request_info", INFO)
        for _ in range(batch):
            begun = time.perf_counter()
            env.step(action)
            python.append(time.perf_counter() - begun)
    env.close()
    return 1e6 * statistics.median(python), 1e6 * statistics.median(rust)


def vector_ratio(folder: Path, repeats: int = 5, rounds: int = 4) -> float:
    """Throughput of a vector of 32 environments that run code, over that of the pool below it."""
    import mledojo

    env = mledojo.VectorEnv("iris", 32, steps=None, seconds=None, run_dir=folder)
    env.reset(seed=0)
    actions = [{"action": "execute_code", "params": CODE}] * 32
    env.step(actions)
    ratios = []
    for _ in range(repeats):
        pool = env.pool.time_rounds(rounds, "execute_code", CODE)
        begun = time.perf_counter()
        for _ in range(rounds):
            env.step(actions)
        ratios.append(pool / (time.perf_counter() - begun))
    env.close()
    return statistics.median(ratios)


def main() -> int:
    """Measures and prints."""
    met = []

    def told(name: str, figure: float, unit: str, target: str, is_met: bool) -> None:
        met.append(is_met)
        print(f"{name:<22} {figure:8.2f} {unit:<3} target {target:<8} {'met' if is_met else 'MISSED'}")

    milliseconds = import_milliseconds()
    told("import", milliseconds, "ms", "≤ 50 ms", milliseconds <= 50)
    # In memory where there is such a folder: what a disk's sync takes is no part of either side.
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        python, rust = step_microseconds(Path(folder) / "one")
        print(f"{'':<22} request_info: {python:.1f} µs from Python, {rust:.1f} µs in Rust")
        told("step overhead", python - rust, "µs", "≤ 30 µs", python - rust <= 30)
        ratio = vector_ratio(Path(folder) / "many")
        told("vector of 32 / pool", ratio, "", "≥ 0.95", ratio >= 0.95)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
