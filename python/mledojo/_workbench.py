"""Where data lies and what runs agents' code."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from mledojo import _core

__all__ = ["Workbench", "workbench"]

Workbench = _core.Workbench

_shared: dict[tuple[object, ...], _core.Workbench] = {}
_lock = threading.Lock()


def workbench(
    home: str | os.PathLike[str] | None = None,
    *,
    catalog: str | os.PathLike[str] | None = None,
    python: str | os.PathLike[str] | None = None,
    sandbox: str | None = None,
    image: str | None = None,
    preload: Sequence[str] | None = None,
) -> _core.Workbench:
    """The workbench of these settings: the same one for the same settings, so that environments share warm interpreters.

    What is left out is taken from the environment variables of the command line (``MLEDOJO_HOME``, ``MLEDOJO_CATALOG``,
    ``MLEDOJO_PYTHON``, ``MLEDOJO_SANDBOX``, ``MLEDOJO_IMAGE``), else it is usual.

    Args:
        home: Folder for the runtime, the downloads, the prepared competitions and the runs.
        catalog: A folder of your own competitions, beside the bundled ones.
        python: Your own interpreter for agents' code, instead of the managed runtime.
        sandbox: What runs agents' code: ``warm`` (default), ``namespace``, ``container``, or ``process``, which isolates
            nothing.
        image: The image, for ``container``.
        preload: The modules that warm interpreters have imported.
    """

    def setting(value: str | os.PathLike[str] | None, variable: str) -> Path | None:
        text = os.fspath(value) if value is not None else os.environ.get(variable)
        return Path(text) if text else None

    paths = (setting(home, "MLEDOJO_HOME"), setting(catalog, "MLEDOJO_CATALOG"), setting(python, "MLEDOJO_PYTHON"))
    names = (sandbox or os.environ.get("MLEDOJO_SANDBOX"), image or os.environ.get("MLEDOJO_IMAGE"))
    modules = None if preload is None else tuple(preload)
    with _lock:
        key = (os.getpid(), *paths, *names, modules)
        if key not in _shared:
            _shared[key] = _core.Workbench(*paths, *names, None if modules is None else list(modules))
        return _shared[key]


# A child that was forked while another thread held the lock would wait for it for ever.
def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
