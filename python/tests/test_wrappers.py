"""Wrappers change one thing each, and compose."""

from __future__ import annotations

import doctest

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import mledojo
from mledojo import wrappers
from mledojo.wrappers import RewardMode, StepBudget, TextAction, TextObservation

SAMPLE = """import pandas as pd
sample = pd.read_csv("/kaggle/input/iris/sample_submission.csv")
sample.to_csv("submission.csv", index=False)
"""
OVERVIEW = {"action": "request_info", "params": {"info_type": "name"}}


def execute(code: str) -> dict[str, object]:
    return {"action": "execute_code", "params": {"code": code}}


@pytest.mark.parametrize("mode", ["human_rank", "raw", "improvement", "medal"])
def test_a_reward_mode_pays_as_the_environment_s_own(mode: str) -> None:
    own = mledojo.make("iris", reward_mode=mode)
    paid = RewardMode(mledojo.make("iris", reward_mode="medal" if mode == "raw" else "raw"), mode)
    rewards = []
    for env in (own, paid):
        env.reset(seed=1)
        rewards.append([env.step(execute(SAMPLE))[1], env.step(OVERVIEW)[1], env.step(execute(SAMPLE))[1], env.step(execute("1/0"))[1]])
        env.close()
    assert rewards[0] == rewards[1]
    assert rewards[0][1] == rewards[0][3] == 0.0
    if mode in ("raw", "human_rank"):
        assert rewards[0][0] == rewards[0][2] > 0
    if mode == "improvement":
        assert rewards[0][0] > 0 == rewards[0][2]


def test_a_step_budget_truncates_and_tells() -> None:
    env = StepBudget(mledojo.make("iris", steps=10), 2)
    for _ in range(2):
        observation, _ = env.reset(seed=1)
        assert observation["steps_left"] == 2
        observation, _, terminated, truncated, _ = env.step(OVERVIEW)
        assert (int(observation["steps_left"]), terminated, truncated) == (1, False, False)
        observation, _, terminated, truncated, _ = env.step(OVERVIEW)
        assert (int(observation["steps_left"]), terminated, truncated) == (0, False, True)
    env.close()
    with pytest.raises(ValueError, match="at least 1"):
        StepBudget(env, 0)


def test_text_in_text_out() -> None:
    env = TextObservation(TextAction(mledojo.make("iris")))
    text, _ = env.reset(seed=1)
    assert env.observation_space.contains(text)
    assert "0 steps taken" in text
    text, reward, *_ = env.step(f"Let me try.\n```python\n{SAMPLE}```")
    assert reward > 0
    assert "HumanRank" in text
    text, reward, terminated, truncated, info = env.step("I give up")
    assert "2 steps taken" in text
    assert text.startswith("the reply holds no action; answer with one JSON object")
    assert (reward, terminated, truncated, info["failure"]) == (0.0, False, False, "bad_action")
    assert env.step('{"action": "finish"}')[2]
    env.close()


@pytest.mark.filterwarnings("ignore:.*is different from the unwrapped version")
def test_what_is_wrapped_passes_gymnasium_s_check() -> None:
    env = TextObservation(TextAction(StepBudget(RewardMode(mledojo.make("iris"), "improvement"), 5)))
    check_env(env, skip_render_check=True)
    env.close()


def test_wrappers_are_part_of_a_spec() -> None:
    env = TextObservation(TextAction(StepBudget(gymnasium.make("mledojo/Kaggle-v0", competition="iris"), 3)))
    again = gymnasium.make(gymnasium.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    text, _ = again.reset(seed=1)
    assert "3 steps left" in text
    env.close()
    again.close()


def test_examples_in_the_documentation() -> None:
    result = doctest.testmod(wrappers)
    assert (result.failed, result.attempted > 0) == (0, True)
