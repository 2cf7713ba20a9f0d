"""The environment as Gymnasium wants it."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import mledojo
from mledojo.spaces import Unicode

SUBMIT = """
import csv
with open('/kaggle/input/iris/sample_submission.csv') as sample, open('submission.csv', 'w') as out:
    out.write(sample.read())
"""


def test_a_raw_environment_passes_the_checker_without_a_warning() -> None:
    env = mledojo.make("iris")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env)
    env.close()


def test_a_made_environment_passes_the_checker_without_a_warning() -> None:
    env = gymnasium.make("mledojo/Kaggle-v0", competition="iris")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    env.close()


def test_an_episode_is_paid_for_its_submission_and_ends() -> None:
    env = gymnasium.make("mledojo/Kaggle-v0", competition="iris", steps=2)
    observation, _ = env.reset(seed=3)
    assert observation["has_score"] == 0 and observation["steps_left"] == 2
    observation, reward, terminated, truncated, info = env.step(("execute_code", {"code": SUBMIT}))
    assert observation["action_status"] == 1, observation["feedback"]
    assert 0.0 < reward <= 1.0 and reward == observation["best_position_score"]
    assert not terminated and not truncated and info["run"]["outcome"]["kind"] == "ok"
    assert observation in env.observation_space
    observation, reward, terminated, truncated, info = env.step({"action": 5})
    assert terminated and not truncated and reward == 0.0
    assert info["outcome_reward"] == observation["best_position_score"]
    env.close()
    env.close()


def test_what_an_agent_does_wrong_is_an_observation() -> None:
    env = mledojo.make("iris")
    env.reset()
    for call in (("fly", {}), ("execute_code", {"code": 3}), ("request_info", {"info_type": "answers"})):
        observation, reward, *_ = env.step(call)
        assert observation["action_status"] == 0 and reward == 0.0
    with pytest.raises(TypeError, match="an action of type int"):
        env.step(7)
    env.close()


def test_any_text_is_in_the_space() -> None:
    space = Unicode(max_length=8, seed=1)
    for text in ("", "é", "日本語", "\n\t\0", "😀"):
        assert text in space
    assert "123456789" not in space and 3 not in space
    assert all(space.sample() in space for _ in range(100))
    assert space == Unicode(8) != Unicode(9)
    assert pickle.loads(pickle.dumps(space)) == space


def test_specs_can_be_pickled_and_made_again() -> None:
    env = mledojo.make("wine", steps=4, reward_mode="improvement")
    spec = pickle.loads(pickle.dumps(env.spec))
    again = gymnasium.make(spec).unwrapped
    assert again.core.config() == env.core.config()
    assert again.competition == "wine"
    env.close()
    again.close()


def test_rendering(capsys: pytest.CaptureFixture[str]) -> None:
    env = mledojo.make("iris", render_mode="ansi")
    env.reset()
    env.step(("request_info", {"info_type": "name"}))
    assert "iris" in (env.render() or "")
    loud = mledojo.make("iris", render_mode="human")
    loud.reset()
    assert loud.render() is None
    assert "Competition `iris`" in capsys.readouterr().out
    env.close()
    loud.close()


def test_vector_environments_of_gymnasiums_own() -> None:
    envs = gymnasium.vector.SyncVectorEnv([lambda: mledojo.make("iris"), lambda: mledojo.make("iris")])
    observations, _ = envs.reset(seed=[1, 2])
    assert observations["steps_left"].tolist() == [15, 15]
    actions = {"action": np.array([0, 0]), "code": ("", ""), "info_type": ("name", "name")}
    observations, rewards, *_ = envs.step(actions)
    assert observations["step"].tolist() == [1, 1] and rewards.tolist() == [0.0, 0.0]
    envs.close()


@pytest.mark.parametrize("first", ["import mledojo, gymnasium", "import gymnasium, mledojo"])
def test_the_order_of_imports_does_not_matter(first: str) -> None:
    code = f"{first}; print('mledojo/Kaggle-v0' in gymnasium.registry)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_importing_leaves_what_is_heavy_alone() -> None:
    code = "import sys, mledojo; print([m for m in ('gymnasium', 'numpy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
