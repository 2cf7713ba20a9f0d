"""Fixtures: one home folder and one workbench for all tests, as the command line's tests have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Data of its own; the interpreter that `cargo xtask test` made runs agents' code, where there is one."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MLEDOJO_HOME", str(tmp_path_factory.mktemp("home")))
    if python := os.environ.get("MLEDOJO_TEST_PYTHON"):
        patch.setenv("MLEDOJO_PYTHON", python)
    yield
    patch.undo()


@pytest.fixture
def episodes(tmp_path: Path) -> Path:
    return tmp_path / "episodes"
