"""Episodes that were played, as records and tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mledojo import _core

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Episode"]


class Episode:
    """An episode's folder.

    Args:
        directory: The folder, as `mledojo.KaggleEnv.episode_dir` or ``mledojo run`` left it.

    Attributes:
        header: Competition, agent, seed, settings, versions.

    Raises:
        mledojo.errors.EpisodeError: There is none.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self.header: dict[str, Any] = _core.episode_header(self.directory)

    def steps(self) -> list[dict[str, Any]]:
        """The steps, each with its call, observation, reward and info."""
        steps: list[dict[str, Any]] = _core.episode_steps(self.directory)
        return steps

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.steps())

    def rows(self) -> list[dict[str, Any]]:
        """One flat row a step: what happened, what it scored, what it took."""
        return [self._row(step) for step in self.steps()]

    def _row(self, step: dict[str, Any]) -> dict[str, Any]:
        observation, info, params = step["observation"], step["info"], step["call"]["params"]
        current, best, run = observation["current"] or {}, observation["best"] or {}, info.get("run") or {}
        return {
            "competition": self.header["competition"],
            "agent": self.header["agent"],
            "seed": self.header["seed"],
            "step": step["step"],
            "action": step["call"]["action"],
            "code": params.get("code"),
            "status": observation["action_status"],
            "failure": info.get("failure"),
            "reward": float(step["reward"]),
            "terminated": step["terminated"],
            "truncated": step["truncated"],
            "raw_score": current.get("raw_score"),
            "human_rank": current.get("human_rank"),
            "best_raw_score": best.get("raw_score"),
            "best_human_rank": best.get("human_rank"),
            "feedback": observation["feedback"]["base"]["text"],
            "seconds": float(info.get("seconds", 0.0)),
            "cpu_seconds": run.get("cpu_seconds"),
            "elapsed_seconds": float(step["elapsed_seconds"]),
        }

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas table."""
        import pandas

        return pandas.DataFrame(self.rows())

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars table."""
        import polars

        return polars.DataFrame(self.rows(), infer_schema_length=None)

    def to_arrow(self) -> pyarrow.Table:
        """The rows as an Arrow table."""
        import pyarrow

        return pyarrow.Table.from_pylist(self.rows())
