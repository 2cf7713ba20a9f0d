"""Grades, boards, data and the sandbox, without an environment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mledojo import _core
from mledojo._workbench import workbench as shared_workbench

__all__ = ["Grade", "Leak", "RunResult", "Sandbox", "audit", "grade", "leaderboard", "prepare"]

PathLike = str | os.PathLike[str]


def _bench(workbench: _core.Workbench | None) -> _core.Workbench:
    return workbench if workbench is not None else shared_workbench()


@dataclass(frozen=True)
class Grade:
    """What a submission is worth.

    Attributes:
        raw_score: In the competition's metric.
        human_rank: 0 to 1; see `leaderboard`.
        medal: ``gold``, ``silver``, ``bronze`` or None.
        metric: The metric's name.
        direction: ``maximize`` or ``minimize``.
        protocol: Whose rules counted.
        held_out: The grade on the rows that are held out, where some are.
        details: All that is known: positions on both boards, a note on the score.
    """

    raw_score: float
    human_rank: float
    medal: str | None
    metric: str
    direction: str
    protocol: str
    held_out: dict[str, Any] | None
    details: dict[str, Any] = field(repr=False)


def grade(
    competition: str,
    submission: PathLike,
    answers: PathLike | None = None,
    *,
    protocol: str | None = None,
    public_fraction: float | None = None,
    data: PathLike | None = None,
    workbench: _core.Workbench | None = None,
) -> Grade:
    """Grades a submission file.

    Args:
        competition: Its slug.
        submission: The CSV file.
        answers: A file of answers; without one, those of the prepared competition.
        protocol: ``corrected`` (default) or ``mle-dojo``.
        public_fraction: Share of the rows that the grade is of; the others are `Grade.held_out`.
        data: Another prepared folder than the home folder's.
        workbench: See `mledojo.workbench`.

    Raises:
        mledojo.errors.InvalidSubmissionError: It cannot be scored; ``kind`` and ``details`` say why.
        mledojo.errors.AnswersError: Nothing can be graded by these answers.
    """
    page: dict[str, Any] = _bench(workbench).grade(
        competition,
        Path(submission),
        None if answers is None else Path(answers),
        protocol=protocol,
        public_fraction=public_fraction,
        data=None if data is None else Path(data),
    )
    return Grade(
        raw_score=page["raw_score"],
        human_rank=page["human_rank"],
        medal=page.get("medal"),
        metric=page["metric"],
        direction=page["direction"],
        protocol=page["protocol"],
        held_out=page["held_out"],
        details=page,
    )


def leaderboard(
    competition: str, score: float, *, protocol: str | None = None, workbench: _core.Workbench | None = None
) -> dict[str, Any]:
    """Where a score stands: position on each board, HumanRank, medal.

    HumanRank is (N - p + 1) / N of a board with N teams on which p - 1 are strictly better, averaged over the private and
    the public board.
    """
    standing: dict[str, Any] = _bench(workbench).standing(competition, score, protocol)
    return standing


def prepare(
    competition: str,
    *,
    raw: PathLike | None = None,
    out: PathLike | None = None,
    protocol: str | None = None,
    workbench: _core.Workbench | None = None,
) -> Path:
    """Prepares a competition's data from its download and returns the folder; what is there already is taken as it is.

    Args:
        competition: Its slug.
        raw: The download; None: where ``mledojo download`` puts it.
        out: The folder to make; None: in the home folder.
        protocol: ``corrected`` (default) or ``mle-dojo``.
        workbench: See `mledojo.workbench`.

    Raises:
        mledojo.errors.PrepareError: The download is missing, or the recipe does not fit it.
    """
    return _bench(workbench).prepare(
        competition, raw=None if raw is None else Path(raw), out=None if out is None else Path(out), protocol=protocol
    )


@dataclass(frozen=True)
class Leak:
    """A leak in prepared data: what kind, in which file and column, which target it tells, and what was counted."""

    leak: str
    file: str
    column: str | None
    target: str
    evidence: str


def audit(
    folder: PathLike, competition: str | None = None, *, workbench: _core.Workbench | None = None
) -> list[Leak]:
    """Looks for leaks in a prepared folder.

    Args:
        folder: It holds ``public/`` and ``private/``.
        competition: Says which columns are ids and targets; without it the sample submission does.
        workbench: See `mledojo.workbench`.
    """
    report = _bench(workbench).audit(Path(folder), competition)
    return [
        Leak(found["leak"], found["file"], found.get("column"), found["target"], found["evidence"])
        for found in report["findings"]
    ]


@dataclass(frozen=True)
class RunResult:
    """What became of a run.

    Attributes:
        outcome: ``ok``, ``exit_code``, ``signal``, ``timeout``, ``memory``, ….
        exit_code: The code, for ``ok`` and ``exit_code``.
        stdout: Its head and tail, if it was long.
        stderr: The same.
        wall_seconds: Seconds it took.
        cpu_seconds: Seconds of CPU, all processes.
        peak_memory: Bytes, where the host can tell.
        warm: Whether it ran in a warm interpreter.
    """

    outcome: str
    exit_code: int | None
    stdout: str
    stderr: str
    wall_seconds: float
    cpu_seconds: float
    peak_memory: int | None
    warm: bool


class Sandbox:
    """Runs Python code that nobody trusts.

    >>> Sandbox().run("print(6 * 7)").stdout
    '42\\n'
    """

    def __init__(self, *, workbench: _core.Workbench | None = None) -> None:
        self._workbench = _bench(workbench)

    def run(
        self,
        code: str,
        *,
        limits: Mapping[str, Any] | None = None,
        work_dir: PathLike | None = None,
        inputs: Mapping[str, PathLike] | None = None,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        host_paths: bool = False,
        script_name: str = "main.py",
    ) -> RunResult:
        """Runs code to its end; Ctrl-C ends it.

        Args:
            code: Python source.
            limits: ``wall_seconds``, ``memory`` (bytes), ``processes``, …, as in an episode's header.
            work_dir: The folder that it may write to, ``/kaggle/working``; None: one that goes with the run.
            inputs: Folders that it may read, by their name below ``/kaggle/input``.
            args: Arguments after the script's name.
            env: Variables added to a clean environment.
            host_paths: Shows ``work_dir`` and ``inputs`` at their own absolute paths as well, for code that was written with these.
            script_name: The file's name in tracebacks: letters, digits, ``.``, ``_`` and ``-``.

        Raises:
            mledojo.errors.SandboxError: Code cannot be run here.
        """
        if work_dir is None:
            with tempfile.TemporaryDirectory(prefix="mledojo-", ignore_cleanup_errors=True) as folder:
                return self.run(
                    code,
                    limits=limits,
                    work_dir=folder,
                    inputs=inputs,
                    args=args,
                    env=env,
                    host_paths=host_paths,
                    script_name=script_name,
                )
        report = self._workbench.run_script(
            code,
            Path(work_dir),
            args=list(args),
            inputs=[(Path(host), name) for name, host in (inputs or {}).items()],
            limits=None if limits is None else dict(limits),
            env=list((env or {}).items()),
            host_paths=host_paths,
            script_name=script_name,
        )
        outcome = report.pop("outcome")
        exit_code = 0 if outcome["kind"] == "ok" else outcome.get("code")
        return RunResult(outcome=outcome["kind"], exit_code=exit_code, **report)
