"""What goes wrong, as exceptions with fields.

What an agent does wrong is never an exception: it is an observation whose ``action_status`` is ``FAILED``. These are faults
of the host, of the data, or of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class MledojoError(Exception):
    """Base of all exceptions of this package.

    Attributes:
        fields: What the message says, as data; each key is an attribute as well.
    """

    def __init__(self, message: str, fields: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, Any] = dict(fields or {})

    def __getattr__(self, name: str) -> Any:
        fields = self.__dict__.get("fields", {})
        if name in fields:
            return fields[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.fields)


class HostError(MledojoError):
    """The host failed: a full disk, a file that cannot be written. Fields: ``path``, ``errno``, where known."""


class SandboxError(MledojoError):
    """Code cannot be run here in the chosen sandbox, or its runtime cannot be made."""


class CatalogError(MledojoError):
    """No such competition or set, or a competition's own files are wrong."""


class PrepareError(MledojoError):
    """A competition's data is missing, cannot be made, or was prepared under another protocol."""


class AnswersError(MledojoError):
    """Nothing can be graded by these answers. Fields: ``path``, ``reason``."""


class MetricError(MledojoError):
    """A metric of one's own did not do its work. Fields: ``path``, ``reason``."""


class UndefinedMetricError(MledojoError, ValueError):
    """A metric has no value for these columns, as a correlation with a constant has none. Fields: ``metric``."""


class InvalidSubmissionError(MledojoError):
    """A submission that cannot be scored. Fields: ``kind``, ``message``, ``details``."""


class EpisodeError(MledojoError):
    """A folder holds no episode that can go on, or a log that is damaged. Fields: ``path``, ``reason``, ``line``."""


class CancelledError(MledojoError):
    """The work at hand was cancelled; the step did not happen."""


class NotResetError(MledojoError):
    """``step`` before ``reset``."""


class BusyError(MledojoError):
    """The environment is at work in another thread."""


class PoolError(MledojoError):
    """A request that a pool did not take. Fields: ``id``, ``len``, ``calls``."""


class ForkedError(MledojoError):
    """Something that belongs to the parent process was used after a fork."""


class ActionError(MledojoError):
    """A text that is no action. Its message says what is wrong with it, and how it is written."""
