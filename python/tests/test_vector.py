"""Many environments at once."""

from __future__ import annotations

import time

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import mledojo
from mledojo import errors

NAME = ("request_info", {"info_type": "name"})
FINISH = ("finish", {})


def test_environments_step_together() -> None:
    envs = mledojo.VectorEnv("iris", 3, slots=2)
    observations, infos = envs.reset(seed=5)
    assert observations in envs.observation_space
    assert infos["competition"].tolist() == ["iris"] * 3 and infos["_competition"].all()
    code = "import os; print('seed', os.environ['MLEDOJO_SEED'])"
    observations, rewards, terminations, truncations, infos = envs.step([("validate_code", {"code": code})] * 3)
    for env_id, feedback in enumerate(observations["feedback"]):
        assert f"seed {5 + env_id}\n" in feedback
    assert rewards.tolist() == [0.0] * 3 and not terminations.any() and not truncations.any()
    assert envs.stats()["actions"]["validate_code"]["count"] == 3
    batch = envs.action_space.sample()
    assert envs.step(batch)[1].shape == (3,)
    envs.close()
    envs.close()


def test_each_has_its_own_competition() -> None:
    envs = mledojo.VectorEnv(["iris", "wine"])
    envs.reset()
    observations, *_ = envs.step([NAME, NAME])
    assert [text.split()[-1] for text in observations["feedback"]] == ["iris", "wine"] or all(
        slug in text for slug, text in zip(["iris", "wine"], observations["feedback"], strict=True)
    )
    envs.close()


def test_made_by_gymnasium() -> None:
    envs = gymnasium.make_vec("mledojo/Kaggle-v0", num_envs=2, vectorization_mode="vector_entry_point", competition="iris")
    assert isinstance(envs.unwrapped, mledojo.VectorEnv) and envs.num_envs == 2
    envs.close()


def test_autoreset_disabled() -> None:
    envs = mledojo.VectorEnv("iris", 2)
    envs.reset()
    _, _, terminations, _, _ = envs.step([FINISH, NAME])
    assert terminations.tolist() == [True, False]
    observations, _ = envs.reset(options={"reset_mask": terminations})
    assert observations["step"].tolist() == [0, 1]
    envs.close()


def test_autoreset_in_the_same_step() -> None:
    envs = mledojo.VectorEnv("iris", 2, autoreset_mode=AutoresetMode.SAME_STEP)
    envs.reset()
    observations, _, terminations, _, infos = envs.step([FINISH, NAME])
    assert terminations.tolist() == [True, False] and observations["step"].tolist() == [0, 1]
    assert infos["_final_obs"].tolist() == [True, False] and int(infos["final_obs"][0]["step"]) == 1
    envs.close()


def test_autoreset_in_the_next_step() -> None:
    envs = mledojo.VectorEnv("iris", 2, autoreset_mode="NextStep")
    envs.reset()
    envs.step([FINISH, NAME])
    observations, rewards, terminations, _, _ = envs.step([NAME, NAME])
    assert observations["step"].tolist() == [0, 2] and not terminations.any() and rewards[0] == 0.0
    assert envs.step([NAME, NAME])[0]["step"].tolist() == [1, 3]
    envs.close()


def test_each_at_its_own_pace_and_cancelled() -> None:
    envs = mledojo.VectorEnv("iris", 3, slots=2)
    for env_id in range(3):
        envs.send_reset(env_id, seed=env_id)
    assert {result.env_id for result in envs.recv(3)} == {0, 1, 2}
    envs.send([0], [("validate_code", {"code": "import time; time.sleep(600)"})])
    envs.send([1, 2], [NAME, NAME])
    assert {result.env_id for result in envs.recv(2)} == {1, 2}
    with pytest.raises(errors.PoolError) as caught:
        envs.send([0], [NAME])
    assert caught.value.id == 0
    assert envs.recv(1, timeout=0.2) == []
    time.sleep(0.3)
    envs.cancel(0)
    (result,) = envs.recv(1)
    assert isinstance(result.error, errors.CancelledError) and result.observation is None
    envs.send([0], [NAME])
    (result,) = envs.recv(1)
    assert result.observation is not None and int(result.observation["step"]) == 1
    assert np.isclose(result.reward, 0.0)
    envs.close()
