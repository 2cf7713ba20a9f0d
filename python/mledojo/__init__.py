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
    from mledojo.env import KaggleEnv, make
    from mledojo.workbench import Workbench, workbench

__all__ = ["ENV_ID", "KaggleEnv", "Workbench", "__version__", "errors", "make", "workbench"]

_LAZY = {"KaggleEnv": "mledojo.env", "make": "mledojo.env", "Workbench": "mledojo.workbench", "workbench": "mledojo.workbench"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'mledojo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])


register()
