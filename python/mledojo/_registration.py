"""Registers the environments with Gymnasium, without importing it before anyone else does."""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ENV_ID = "mledojo/Kaggle-v0"

_REGISTRY = "gymnasium.envs"


def register() -> None:
    """Registers the environments: now if Gymnasium is imported, else as soon as it is."""
    if _REGISTRY in sys.modules:
        _register()
    elif not any(isinstance(finder, _Watcher) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watcher())


def _register() -> None:
    registration: Any = importlib.import_module("gymnasium.envs.registration")
    if ENV_ID not in registration.registry:
        registration.register(
            id=ENV_ID,
            entry_point="mledojo.env:KaggleEnv",
            vector_entry_point="mledojo.vector:VectorEnv",
            # Code takes as long as it takes, and what it does is up to the agent.
            nondeterministic=True,
        )


class _Watcher(MetaPathFinder):
    """Finds Gymnasium's registry once, as others would, and registers when it has been loaded."""

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != _REGISTRY:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Registering(spec.loader)
        return spec


class _Registering(Loader):
    """A loader that registers after it has loaded."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _register()
