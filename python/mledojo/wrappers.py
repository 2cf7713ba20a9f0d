"""Wrappers that change one thing each; they compose, and are part of an environment's spec.

>>> import mledojo
>>> from mledojo.wrappers import TextAction, TextObservation
>>> env = TextObservation(TextAction(mledojo.make("iris")))
>>> text, info = env.reset(seed=1)
>>> text, reward, terminated, truncated, info = env.step('{"action": "finish"}')
>>> terminated
True
>>> env.close()
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from mledojo import _core, errors
from mledojo.env import KaggleEnv
from mledojo.spaces import Unicode
from mledojo.text import parse_action, render_observation

__all__ = ["RewardMode", "StepBudget", "TextAction", "TextObservation"]

Mode = Literal["human_rank", "raw", "improvement", "medal"]
Stepped = tuple[Any, float, bool, bool, dict[str, Any]]


class RewardMode(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Pays steps in another mode than the environment's own.

    Args:
        env: An environment on top of `mledojo.KaggleEnv`.
        mode: ``human_rank``, ``raw`` (sign turned where smaller is better), ``improvement`` (gain in HumanRank over the best
            before) or ``medal`` (1, 2/3, 1/3). A step without a graded submission earns 0 in each.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], mode: Mode) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"mode {mode!r}; expected one of {', '.join(get_args(Mode))}")
        RecordConstructorArgs.__init__(self, mode=mode)
        super().__init__(env)
        self.mode = mode
        self._best: float | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begins an episode."""
        self._best = None
        return super().reset(seed=seed, options=options)

    def step(self, action: Any) -> Stepped:
        """Steps, and pays anew."""
        observation, _, terminated, truncated, info = self.env.step(action)
        last = _kaggle(self).last_step
        seen, facts = last["observation"], last["info"]
        reward = 0.0
        if facts.get("failure") is None and "submission_sha256" in facts and seen["current"] is not None:
            reward = _core.reward_of(self.mode, seen["current"], self._best, _kaggle(self).core.direction)
        if seen["best"] is not None:
            self._best = seen["best"]["human_rank"]
        return observation, reward, terminated, truncated, info


class StepBudget(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Truncates an episode after fewer steps than the environment would, and tells of it in ``steps_left``.

    Args:
        env: The environment.
        steps: Steps of an episode, from 1.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], steps: int) -> None:
        if steps < 1:
            raise ValueError(f"steps is {steps}; expected at least 1")
        RecordConstructorArgs.__init__(self, steps=steps)
        super().__init__(env)
        self.steps = steps
        self._taken = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begins an episode, and the budget."""
        self._taken = 0
        observation, info = super().reset(seed=seed, options=options)
        return self._told(observation), info

    def step(self, action: Any) -> Stepped:
        """Steps, and truncates at the budget's end."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._taken += 1
        truncated = truncated or (not terminated and self._taken >= self.steps)
        return self._told(observation), float(reward), terminated, truncated, info

    def _told(self, observation: Any) -> Any:
        if not isinstance(observation, dict):
            return observation
        left, own = max(self.steps - self._taken, 0), int(observation["steps_left"])
        return {**observation, "steps_left": np.asarray(left if own < 0 else min(left, own), dtype=np.int64)}


class TextObservation(gymnasium.ObservationWrapper[str, Any, Any], RecordConstructorArgs):
    """Shows observations as one text for a language model; see `mledojo.text.render_observation`.

    Args:
        env: An environment with observations of `mledojo.KaggleEnv`.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.observation_space = Unicode(max_length=1 << 24)

    def observation(self, observation: Any) -> str:
        """The observation as text."""
        return render_observation(observation)


class TextAction(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Takes a model's replies as actions; see `mledojo.text.parse_action`.

    A reply that holds no action is a failed step, whose feedback says how to repair it.

    Args:
        env: An environment that takes the calls of `mledojo.KaggleEnv`.
        custom: Names of registered actions.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], custom: Sequence[str] = ()) -> None:
        RecordConstructorArgs.__init__(self, custom=tuple(custom))
        super().__init__(env)
        self.custom = tuple(custom)
        self.action_space = Unicode()

    def step(self, action: str) -> Stepped:
        """Carries out what a reply asks for."""
        try:
            return _floats(self.env.step(parse_action(action, custom=self.custom)))
        except errors.ActionError as error:
            hint = str(error)
        # The environment refuses it, counts it, and writes down what was replied.
        call = {"action": "", "params": {"reply": action[:4096]}}
        observation, reward, terminated, truncated, info = self.env.step(call)
        if isinstance(observation, dict):
            observation = {**observation, "feedback": hint}
        else:
            observation = hint
        return observation, float(reward), terminated, truncated, info


def _floats(stepped: tuple[Any, Any, bool, bool, dict[str, Any]]) -> Stepped:
    observation, reward, terminated, truncated, info = stepped
    return observation, float(reward), terminated, truncated, info


def _kaggle(env: gymnasium.Env[Any, Any]) -> KaggleEnv:
    inner = env.unwrapped
    if not isinstance(inner, KaggleEnv):
        raise TypeError(f"RewardMode needs a mledojo.KaggleEnv below it, found {type(inner).__name__}")
    return inner
