"""An environment for asyncio."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, TypeVar

from mledojo import errors
from mledojo.env import KaggleEnv

__all__ = ["AsyncEnv"]

T = TypeVar("T")


class AsyncEnv:
    """A `mledojo.KaggleEnv` whose `reset` and `step` can be awaited.

    Cancelling the task that awaits a step ends its run in the sandbox: the step then did not happen, and the episode goes
    on.

    Args:
        competition: Its slug, or an environment.
        settings: As of `mledojo.KaggleEnv`.
    """

    def __init__(self, competition: str | KaggleEnv, **settings: Any) -> None:
        # A thread of its own: its run may take hours, and the loop's threads are few.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mledojo")
        self.env = competition if isinstance(competition, KaggleEnv) else KaggleEnv(competition, **settings)

    async def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """As `mledojo.KaggleEnv.reset`."""
        return await self._do(functools.partial(self.env.reset, seed=seed, options=options))

    async def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """As `mledojo.KaggleEnv.step`."""
        return await self._do(functools.partial(self.env.step, action))

    async def _do(self, work: Callable[[], T]) -> T:
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            # The task goes on when the run has ended, so that nothing of it is left.
            while not future.done():
                self.env.cancel()
                await asyncio.wait([future], timeout=0.05)
            if (error := future.exception()) is not None and not isinstance(error, errors.CancelledError):
                raise error from None
            raise

    async def close(self) -> None:
        """As `mledojo.KaggleEnv.close`."""
        self.env.close()
        self._thread.shutdown(wait=False)

    async def __aenter__(self) -> AsyncEnv:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
