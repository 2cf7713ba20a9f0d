"""The competitions that there are."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from mledojo import _core
from mledojo._workbench import workbench as shared_workbench

__all__ = ["get", "list"]


def list(  # noqa: A001
    names: Sequence[str] = (),
    *,
    modality: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    suite: str | None = None,
    complexity: str | None = None,
    prepared: bool | None = None,
    max_size_mb: float | None = None,
    workbench: _core.Workbench | None = None,
) -> builtins.list[dict[str, Any]]:
    """The facts of competitions: slug, title, modality, task, metric, direction, size, teams, whether it is prepared.

    Args:
        names: Slugs and names of sets, such as ``mle-dojo-eval`` or ``bundled``; none: all.
        modality: Kind of data, such as ``tabular``.
        task: Kind of prediction.
        metric: The metric's name.
        suite: A benchmark that it is part of.
        complexity: How hard it is.
        prepared: Whether its data is there.
        max_size_mb: Largest data, in megabytes.
        workbench: See `mledojo.workbench`.

    >>> [competition["slug"] for competition in list(["bundled"], metric="rmse")]
    ['diabetes']
    """
    bench = workbench if workbench is not None else shared_workbench()
    wanted = {"modality": modality, "task": task, "metric": metric, "complexity": complexity, "prepared": prepared}
    return [
        facts
        for facts in bench.summaries(builtins.list(names))
        if all(value is None or facts[key] == value for key, value in wanted.items())
        and (suite is None or suite in facts["suites"])
        and (max_size_mb is None or facts["data_size_mb"] <= max_size_mb)
    ]


def get(competition: str, *, workbench: _core.Workbench | None = None) -> dict[str, Any]:
    """What a competition is: ``spec``, ``brief`` (a text) and ``boards``.

    Raises:
        mledojo.errors.CatalogError: There is none of this name.
    """
    bench = workbench if workbench is not None else shared_workbench()
    return bench.describe(competition)
