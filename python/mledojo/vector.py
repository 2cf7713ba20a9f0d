"""Many environments at once, on a fixed number of slots for code."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space, iterate

from mledojo import _core
from mledojo._workbench import workbench as shared_workbench
from mledojo.env import as_call, observe, remove_folder, spaces_of_a_competition, without_timings

__all__ = ["Result", "VectorEnv"]


class Result(NamedTuple):
    """What came of a request.

    Attributes:
        env_id: The environment.
        observation: As of `mledojo.KaggleEnv`; None with an error.
        reward: 0 for the beginning of an episode.
        terminated: The agent declared itself done.
        truncated: The budget is used up.
        info: Facts of the step.
        error: A fault of the host, or `mledojo.errors.CancelledError`; the step then did not happen.
        queued_seconds: How long the request waited for its turn.
    """

    env_id: int
    observation: dict[str, Any] | None
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    error: Exception | None
    queued_seconds: float


class VectorEnv(gymnasium.vector.VectorEnv[Any, Any, Any]):
    """Environments that step together (`step`), or each at its own pace (`send` and `recv`).

    Sessions are cheap; what is scarce are the slots in which code runs. A request that runs code waits its turn, and the
    episode's budget isn't charged for that; any other request never waits for a slot.

    Args:
        competition: One slug for all environments, or one for each.
        num_envs: How many; needed if there is one slug.
        slots: Runs of code at once; None: one a core.
        autoreset_mode: When an episode that has ended begins anew: ``Disabled`` (default: the caller resets, with
            ``options={"reset_mask": …}``), ``SameStep`` or ``NextStep``.
        steps: As of `mledojo.KaggleEnv`.
        seconds: As of `mledojo.KaggleEnv`.
        reward_mode: As of `mledojo.KaggleEnv`.
        limits: As of `mledojo.KaggleEnv`.
        config: As of `mledojo.KaggleEnv`.
        protocol: As of `mledojo.KaggleEnv`.
        public_fraction: As of `mledojo.KaggleEnv`.
        run_dir: Folder that keeps each episode's log. None: logs go with the next episode.
        agent: Name of the agent, for the record.
        workbench: See `mledojo.workbench`.
    """

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.DISABLED}

    def __init__(
        self,
        competition: str | Sequence[str],
        num_envs: int | None = None,
        *,
        slots: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.DISABLED,
        steps: int | None = 15,
        seconds: float | None = 12 * 3600.0,
        reward_mode: str = "human_rank",
        limits: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        protocol: str | None = None,
        public_fraction: float | None = None,
        run_dir: str | os.PathLike[str] | None = None,
        agent: str = "python",
        workbench: _core.Workbench | None = None,
    ) -> None:
        slugs = [competition] * (num_envs or 1) if isinstance(competition, str) else list(competition)
        if num_envs is not None and len(slugs) != num_envs:
            raise ValueError(f"{len(slugs)} competitions for num_envs={num_envs}")
        settings: dict[str, Any] = {
            **(config or {}),
            "budget": {"steps": steps, "seconds": seconds},
            "reward": reward_mode,
        }
        if limits is not None:
            settings["limits"] = dict(limits)
        bench = workbench if workbench is not None else shared_workbench()
        self.competitions = tuple(slugs)
        self.num_envs = len(slugs)
        self.agent = agent
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        self.pool = bench.pool(
            [(slug, settings) for slug in slugs], slots, protocol=protocol, public_fraction=public_fraction
        )
        self.single_action_space, self.single_observation_space = spaces_of_a_competition()
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._run_dir = Path(run_dir) if run_dir is not None else Path(tempfile.mkdtemp(prefix="mledojo-"))
        self._keeps = run_dir is not None
        self._remove = None if run_dir is not None else weakref.finalize(self, remove_folder, str(self._run_dir), os.getpid())
        self._episodes = [0] * self.num_envs
        self._seeds = [np.random.default_rng() for _ in range(self.num_envs)]
        self._observations: list[dict[str, Any] | None] = [None] * self.num_envs
        self._done = np.zeros(self.num_envs, dtype=np.bool_)

    # One at its own pace

    def send_reset(self, env_id: int, *, seed: int | None = None) -> None:
        """Asks an environment to begin an episode; its reply comes through `recv`."""
        if seed is not None:
            self._seeds[env_id] = np.random.default_rng(seed)
        code_seed = seed if seed is not None else int(self._seeds[env_id].integers(1 << 31))
        self.pool.send_reset(env_id, self._new_episode_dir(env_id), code_seed, self.agent)

    def send(self, env_ids: Sequence[int], actions: Sequence[Any]) -> None:
        """Gives each of these environments an action and returns at once.

        Args:
            env_ids: Numbers from 0.
            actions: As many actions, as `mledojo.KaggleEnv.step` takes them.

        Raises:
            mledojo.errors.PoolError: An environment is busy, or there is none of that number; those before it are at work.
        """
        if len(env_ids) != len(actions):
            raise ValueError(f"{len(actions)} actions for {len(env_ids)} environments")
        for env_id, action in zip(env_ids, actions, strict=True):
            self.pool.send_step(env_id, *as_call(action))

    def recv(self, min_batch: int = 1, timeout: float | None = None) -> list[Result]:
        """Waits until so many replies are there, or no more are to come, or the time is over; returns all that are there.

        Args:
            min_batch: How many to wait for.
            timeout: Seconds; None: no limit.
        """
        return [self._result(reply) for reply in self.pool.recv(min_batch, timeout)]

    def cancel(self, env_id: int) -> None:
        """Ends what an environment is doing; its reply has a `mledojo.errors.CancelledError`."""
        self.pool.cancel(env_id)

    def stats(self) -> dict[str, Any]:
        """Latency of each action, occupancy of the slots, overhead of a step beyond its run."""
        stats: dict[str, Any] = self.pool.stats()
        return stats

    def _result(self, reply: Any) -> Result:
        env_id, observation, reward, terminated, truncated, info, error, queued = reply
        seen = None if observation is None else observe(observation)
        if seen is not None:
            self._observations[env_id] = seen
        facts = {} if info is None else without_timings(info)
        return Result(env_id, seen, reward or 0.0, bool(terminated), bool(truncated), facts, error, queued)

    def _new_episode_dir(self, env_id: int) -> Path:
        folder = self._run_dir / f"env-{env_id:04}"
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            last = folder / f"episode-{self._episodes[env_id]:04}"
            self._episodes[env_id] += 1
            if not self._keeps:
                shutil.rmtree(last, ignore_errors=True)
            directory = folder / f"episode-{self._episodes[env_id]:04}"
            if not directory.exists():
                return directory

    # All together

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begins episodes: in all environments, or in those of ``options={"reset_mask": …}``.

        Args:
            seed: One for the first environment, from which the others count up, or one for each.
            options: ``reset_mask``: an array of ``num_envs`` booleans.
        """
        seeds: Sequence[int | None]
        if seed is None:
            seeds = [None] * self.num_envs
        elif isinstance(seed, (int, np.integer)):
            seeds = [int(seed) + env_id for env_id in range(self.num_envs)]
        else:
            seeds = seed
        mask = (options or {}).get("reset_mask", np.ones(self.num_envs, dtype=np.bool_))
        env_ids = [int(env_id) for env_id in np.flatnonzero(mask)]
        for env_id in env_ids:
            self.send_reset(env_id, seed=seeds[env_id])
        self._collect(env_ids)
        self._done[env_ids] = False
        infos: dict[str, Any] = {}
        for env_id in env_ids:
            infos = self._add_info(infos, {"competition": self.competitions[env_id]}, env_id)
        return self._batch(), infos

    def step(
        self, actions: Any
    ) -> tuple[Any, np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any], dict[str, Any]]:
        """Carries out one action in each environment, and returns when all are done.

        Args:
            actions: A batch of ``action_space``, or a list of actions as `mledojo.KaggleEnv.step` takes them.
        """
        is_list = isinstance(actions, (list, tuple)) and len(actions) == self.num_envs
        each = list(actions) if is_list else list(iterate(self.action_space, actions))
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        terminations = np.zeros(self.num_envs, dtype=np.bool_)
        truncations = np.zeros(self.num_envs, dtype=np.bool_)
        infos: dict[str, Any] = {}
        anew = [env_id for env_id in range(self.num_envs) if self._done[env_id]]
        if self.autoreset_mode is AutoresetMode.NEXT_STEP:
            going = [env_id for env_id in range(self.num_envs) if not self._done[env_id]]
            for env_id in anew:
                self.send_reset(env_id)
        else:
            anew, going = [], list(range(self.num_envs))
        self.send(going, [each[env_id] for env_id in going])
        for result in self._collect([*anew, *going]):
            env_id = result.env_id
            if env_id in anew:
                self._done[env_id] = False
                continue
            rewards[env_id] = result.reward
            terminations[env_id], truncations[env_id] = result.terminated, result.truncated
            self._done[env_id] = result.terminated or result.truncated
            if self.autoreset_mode is AutoresetMode.SAME_STEP and self._done[env_id]:
                infos = self._add_info(infos, {"final_obs": result.observation, "final_info": result.info}, env_id)
            else:
                infos = self._add_info(infos, result.info, env_id)
        if self.autoreset_mode is AutoresetMode.SAME_STEP and self._done.any():
            ended = [int(env_id) for env_id in np.flatnonzero(self._done)]
            for env_id in ended:
                self.send_reset(env_id)
            self._collect(ended)
            self._done[:] = False
        return self._batch(), rewards, terminations, truncations, infos

    def _collect(self, env_ids: Sequence[int]) -> list[Result]:
        """The replies of these environments, which all have a request, in their order."""
        results: list[Result] = []
        try:
            while len(results) < len(env_ids):
                results.extend(self.recv(len(env_ids) - len(results)))
        except BaseException:
            for env_id in env_ids:
                self.pool.cancel(env_id)
            while self.pool.recv(1, None):
                pass
            raise
        results.sort(key=lambda result: result.env_id)
        for result in results:
            if result.error is not None:
                raise result.error
        return results

    def _batch(self) -> Any:
        from gymnasium.vector.utils import concatenate, create_empty_array

        out: Any = create_empty_array(self.single_observation_space, n=self.num_envs, fn=np.zeros)
        return concatenate(self.single_observation_space, self._observations, out)

    def close_extras(self, **_kwargs: Any) -> None:
        """Ends what runs and removes temporary logs."""
        for env_id in range(self.num_envs):
            self.pool.cancel(env_id)
        while self.pool.recv(1, None):
            pass
        if self._remove is not None:
            self._remove()
