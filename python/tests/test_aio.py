"""The environment for asyncio."""

from __future__ import annotations

import asyncio
import time

import pytest

import mledojo

NAME = {"action": "request_info", "params": {"info_type": "name"}}
LONG = {"action": "validate_code", "params": {"code": "import time; time.sleep(600)"}}


def test_steps_are_awaited_side_by_side() -> None:
    async def play() -> list[int]:
        async with mledojo.AsyncEnv("iris") as first, mledojo.AsyncEnv("wine") as second:
            await asyncio.gather(first.reset(seed=1), second.reset(seed=2))
            results = await asyncio.gather(first.step(NAME), second.step(NAME))
            return [int(observation["step"]) for observation, *_ in results]

    assert asyncio.run(play()) == [1, 1]


def test_cancelling_a_task_ends_its_run() -> None:
    async def play() -> tuple[float, int]:
        async with mledojo.AsyncEnv("iris") as env:
            await env.reset()
            task = asyncio.create_task(env.step(LONG))
            await asyncio.sleep(0.5)
            asked = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            took = time.monotonic() - asked
            return took, int((await env.step(NAME))[0]["step"])

    took, step = asyncio.run(play())
    assert took < 5.0 and step == 1


def test_a_timeout_ends_a_run() -> None:
    async def play() -> int:
        async with mledojo.AsyncEnv("iris") as env:
            await env.reset()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(env.step(LONG), 0.5)
            return int((await env.step(NAME))[0]["step"])

    assert asyncio.run(play()) == 1
