"""Spaces that Gymnasium lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

__all__ = ["Unicode"]


class Unicode(spaces.Text):
    """Any text, the empty one included.

    Gymnasium's ``Text`` takes listed characters alone and looks at each of them; code of a megabyte in any language is out
    of its reach.

    Args:
        max_length: Most characters.
        seed: Seed or generator for ``sample``.
    """

    def __init__(self, max_length: int = 1 << 20, *, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(max_length, min_length=0, charset="§", seed=seed)

    def contains(self, x: Any) -> bool:
        """Whether ``x`` is a text that is not too long."""
        return isinstance(x, str) and len(x) <= self.max_length

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A short text of characters of all kinds.

        It begins with a character that no program begins with, so that sampled code is turned down at once.
        """
        length = int(self.np_random.integers(0, min(16, self.max_length) + 1))
        points = self.np_random.integers(0x20, 0xD800, size=length)
        return ("§" + "".join(map(chr, points)))[:length]

    def __repr__(self) -> str:
        return f"Unicode(max_length={self.max_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unicode) and self.max_length == other.max_length

    def __hash__(self) -> int:
        return hash((Unicode, self.max_length))
