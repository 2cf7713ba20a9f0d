"""A Gym-style world in which agents do machine-learning engineering on Kaggle competitions.

>>> import mledojo
>>> mledojo.__version__
'0.1.0'

`make` gives an environment; after ``import mledojo``, ``gymnasium.make("mledojo/Kaggle-v0", competition="iris")`` gives the
same, wrapped as Gymnasium wraps. Whatever is heavy is imported at its first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mledojo import errors
from mledojo._core import __version__
from mledojo._registration import ENV_ID, register

if TYPE_CHECKING:
    from mledojo import competitions, metrics, text
    from mledojo.aio import AsyncEnv
    from mledojo.env import KaggleEnv, make
    from mledojo.episodes import Episode
    from mledojo.grading import Grade, Leak, RunResult, Sandbox, audit, grade, leaderboard, prepare
    from mledojo.vector import VectorEnv
    from mledojo._workbench import Workbench, workbench

__all__ = [
    "AsyncEnv",
    "ENV_ID",
    "Episode",
    "Grade",
    "KaggleEnv",
    "Leak",
    "RunResult",
    "Sandbox",
    "VectorEnv",
    "Workbench",
    "__version__",
    "audit",
    "competitions",
    "errors",
    "grade",
    "leaderboard",
    "make",
    "metrics",
    "prepare",
    "text",
    "workbench",
]

_LAZY = {
    "AsyncEnv": "mledojo.aio",
    "Episode": "mledojo.episodes",
    "Grade": "mledojo.grading",
    "KaggleEnv": "mledojo.env",
    "Leak": "mledojo.grading",
    "RunResult": "mledojo.grading",
    "Sandbox": "mledojo.grading",
    "VectorEnv": "mledojo.vector",
    "Workbench": "mledojo._workbench",
    "audit": "mledojo.grading",
    "grade": "mledojo.grading",
    "leaderboard": "mledojo.grading",
    "make": "mledojo.env",
    "prepare": "mledojo.grading",
    "workbench": "mledojo._workbench",
}
_MODULES = ("competitions", "metrics", "text")


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"mledojo.{name}")
    raise AttributeError(f"module 'mledojo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY, *_MODULES])


register()
