"""A competition as a Gymnasium environment."""

from __future__ import annotations

import inspect
import os
import shutil
import tempfile
import warnings
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from mledojo import _core
from mledojo._registration import ENV_ID
from mledojo.spaces import Unicode
from mledojo.workbench import workbench as shared_workbench

__all__ = ["ACTIONS", "KaggleEnv", "make"]

#: Names of the actions, in the order of ``action_space["action"]``.
ACTIONS: tuple[str, ...] = tuple(_core.action_names())

Observation = dict[str, Any]
Info = dict[str, Any]

# What depends on the clock. It is in `last_step`, and kept out of what two runs of one seed must agree in.
_TIMINGS = ("seconds", "wall_seconds", "cpu_seconds", "system_cpu_seconds", "peak_memory", "warm", "disk", "gpu")


class KaggleEnv(gymnasium.Env[Observation, Any]):
    """A competition: an agent asks about it, runs code, and is paid for the submission that its code writes.

    Actions are dicts of ``action_space``, or calls as agents write them: ``{"action": "execute_code", "params": {"code": …}}``.
    What an agent does wrong is an observation with ``action_status`` 0, never an exception.

    Observations hold (scores are 0 as long as there is none, which ``has_score`` tells):

    * ``action_status``: 1 if the action did what it was meant to, else 0.
    * ``feedback``: what happened, as text for a language model.
    * ``step``, ``steps_left``: steps taken, and left before the episode is truncated (-1: no limit).
    * ``has_score``: 1 once a submission was graded.
    * ``current_raw_score``, ``best_raw_score``: in the competition's metric.
    * ``current_position_score``, ``best_position_score``: HumanRank, 0 to 1.

    Args:
        competition: Its slug, such as ``iris`` or ``spaceship-titanic``.
        render_mode: ``ansi``, ``human`` or None.
        steps: Steps before an episode is truncated; None: no limit.
        seconds: Seconds before an episode is truncated; None: no limit.
        reward_mode: ``human_rank``, ``raw``, ``improvement`` or ``medal``.
        limits: What one run of code may use: ``wall_seconds``, ``memory`` (bytes), ``processes``, ``gpus``, …, as in an
            episode's header. What is left out is usual.
        config: Further settings of an episode's header (``network``, ``max_code_bytes``, …).
        protocol: ``corrected`` (default) or ``mle-dojo``: whose rules submissions are judged by.
        public_fraction: Share of the rows whose score is shown; the others decide in the end.
        data: A prepared folder with ``public/`` and ``private/``, instead of the home folder's.
        run_dir: Folder that keeps each episode's log, in a folder of its own. None: logs lie in a temporary folder, and go
            with the next ``reset`` or with ``close``.
        agent: Name of the agent, for the record.
        workbench: Where data lies and what runs code; see `mledojo.workbench`.
        feedback: Further feedback providers, by name: ``provider(*, competition, action, text, data, best)`` returns a text
            or ``{"text": …, "data": …}``.

    Raises:
        mledojo.errors.CatalogError: There is no such competition.
        mledojo.errors.PrepareError: Its data is not at hand.
        mledojo.errors.SandboxError: Code cannot be run here.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi", "human"], "render_fps": 1}

    def __init__(
        self,
        competition: str,
        *,
        render_mode: str | None = None,
        steps: int | None = 15,
        seconds: float | None = 12 * 3600.0,
        reward_mode: str = "human_rank",
        limits: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        protocol: str | None = None,
        public_fraction: float | None = None,
        data: str | os.PathLike[str] | None = None,
        run_dir: str | os.PathLike[str] | None = None,
        agent: str = "python",
        workbench: _core.Workbench | None = None,
        feedback: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "__class__", "render_mode")}
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode {render_mode!r}; expected None, 'ansi' or 'human'")
        settings: dict[str, Any] = {
            **(config or {}),
            "budget": {"steps": steps, "seconds": seconds},
            "reward": reward_mode,
        }
        if limits is not None:
            settings["limits"] = dict(limits)
        bench = workbench if workbench is not None else shared_workbench()
        # As `gymnasium.make` would have it, which puts its own in place: enough to make another one.
        self.spec = EnvSpec(
            id=ENV_ID,
            entry_point="mledojo.env:KaggleEnv",
            nondeterministic=True,
            kwargs={name: value for name, value in given.items() if value != _DEFAULTS.get(name)},
        )
        self.render_mode = render_mode
        self.competition = competition
        self.agent = agent
        self.core = bench.env(
            competition,
            settings,
            protocol=protocol,
            public_fraction=public_fraction,
            data=None if data is None else Path(data),
        )
        for name, provider in (feedback or {}).items():
            self.core.register_feedback(name, provider)
        self._kept = None if run_dir is None else Path(run_dir)
        # Removes the temporary folder: at the next reset, at `close`, when nobody has the environment any more.
        self._remove: weakref.finalize[Any, Any] | None = None
        self._observation: dict[str, Any] | None = None
        #: Observation and info of the last step as the core gave them: feedback of each provider, seconds left, timings,
        #: what the run used.
        self.last_step: dict[str, Any] = {}
        #: Folder of the episode at hand.
        self.episode_dir: Path | None = None

        self.action_space = spaces.Dict(
            {"action": spaces.Discrete(len(ACTIONS)), "code": Unicode(), "info_type": Unicode(max_length=256)}
        )
        most = float(np.finfo(np.float64).max)  # What a score is cut to; an infinite bound would be warned of.
        self.observation_space = spaces.Dict(
            {
                "action_status": spaces.Discrete(2),
                "feedback": Unicode(max_length=1 << 24),
                "step": spaces.Box(low=0, high=np.iinfo(np.int64).max, shape=(), dtype=np.int64),
                "steps_left": spaces.Box(low=-1, high=np.iinfo(np.int64).max, shape=(), dtype=np.int64),
                "has_score": spaces.Discrete(2),
                "current_raw_score": _scalar(-most, most),
                "best_raw_score": _scalar(-most, most),
                "current_position_score": _scalar(0.0, 1.0),
                "best_position_score": _scalar(0.0, 1.0),
            }
        )

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, Info]:
        """Begins an episode.

        Args:
            seed: Seeds ``np_random``, and through it the agent's code (``MLEDOJO_SEED``) and Python's hashes.
            options: ``episode_dir``: a new or empty folder for the episode's log.
        """
        super().reset(seed=seed)
        directory = self._new_episode_dir((options or {}).get("episode_dir"))
        code_seed = seed if seed is not None else int(self.np_random.integers(1 << 31))
        observation = self.core.reset(directory, code_seed, self.agent)
        return self._begin(directory, observation)

    def resume(self, episode_dir: str | os.PathLike[str]) -> tuple[Observation, Info]:
        """Goes on with an episode that was interrupted, after its last finished step.

        Raises:
            mledojo.errors.EpisodeError: The folder holds none that can go on.
        """
        return self._begin(Path(episode_dir), self.core.resume(Path(episode_dir)))

    def _begin(self, directory: Path, observation: dict[str, Any]) -> tuple[Observation, Info]:
        self.episode_dir = directory
        self._observation = observation
        self.last_step = {"observation": observation, "info": {}}
        if self.render_mode == "human":
            print(self._text())
        return self._observe(observation), {"competition": self.competition}

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, Info]:
        """Carries out one action; it is on disk when this returns.

        Ctrl-C ends the run at work: the step then did not happen, and the episode goes on.

        Raises:
            mledojo.errors.NotResetError: No episode has begun.
            mledojo.errors.CancelledError: `cancel` was called from another thread.
            mledojo.errors.HostError: The host failed; the step did not happen.
        """
        name, params = as_call(action)
        observation, reward, terminated, truncated, info = self.core.step(name, params)
        self._observation = observation
        self.last_step = {"observation": observation, "info": info}
        if self.render_mode == "human":
            print(self._text())
        return self._observe(observation), reward, terminated, truncated, _without_timings(info)

    def cancel(self) -> None:
        """Ends the step at work in another thread; there it raises `mledojo.errors.CancelledError`."""
        self.core.cancel()

    def render(self) -> str | None:  # type: ignore[override]
        """The last feedback: returned for ``ansi``; for ``human`` each step has printed it."""
        if self.render_mode is None:
            warnings.warn("render() needs a render_mode: 'ansi' or 'human'", stacklevel=2)
        return self._text() if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Ends what runs and removes temporary logs. May be called again."""
        self.core.cancel()
        self._remove_scratch()

    def _remove_scratch(self) -> None:
        if self._remove is not None:
            self._remove()
            self._remove = None

    def _new_episode_dir(self, asked: str | os.PathLike[str] | None) -> Path:
        if asked is not None:
            return Path(asked)
        if self._kept is None:
            self._remove_scratch()
            scratch = tempfile.mkdtemp(prefix="mledojo-")
            self._remove = weakref.finalize(self, _remove_folder, scratch, os.getpid())
            return Path(scratch) / "episode"
        number = 1
        while True:
            directory = self._kept / f"episode-{number:04}"
            try:
                directory.mkdir(parents=True)
            except FileExistsError:
                number += 1
            else:
                return directory

    def _observe(self, observation: dict[str, Any]) -> Observation:
        current, best = observation["current"], observation["best"]
        steps_left = observation["steps_left"]
        return {
            "action_status": int(observation["action_status"] == "SUCCESS"),
            "feedback": _feedback(observation),
            "step": np.asarray(observation["step"], dtype=np.int64),
            "steps_left": np.asarray(-1 if steps_left is None else steps_left, dtype=np.int64),
            "has_score": int(best is not None),
            "current_raw_score": _score(current, "raw_score"),
            "best_raw_score": _score(best, "raw_score"),
            "current_position_score": _score(current, "human_rank"),
            "best_position_score": _score(best, "human_rank"),
        }

    def _text(self) -> str:
        if self._observation is None:
            return "no episode has begun"
        return f"{_feedback(self._observation)}\n\n{self._observation['history']}"

    def __getstate__(self) -> None:
        raise TypeError("an environment cannot be pickled: pickle what it is made by, such as its `spec`")


_DEFAULTS = {name: parameter.default for name, parameter in inspect.signature(KaggleEnv.__init__).parameters.items()}


def make(competition: str, **settings: Any) -> KaggleEnv:
    """An environment of a competition; see `KaggleEnv` for the settings.

    >>> import mledojo
    >>> env = mledojo.make("iris", steps=3)
    >>> observation, info = env.reset(seed=1)
    >>> observation, reward, terminated, truncated, info = env.step(
    ...     {"action": "request_info", "params": {"info_type": "name"}}
    ... )
    >>> observation["feedback"].splitlines()[-1]
    'name: iris'
    >>> env.close()
    """
    return KaggleEnv(competition, **settings)


def as_call(action: Any) -> tuple[str, dict[str, Any]]:
    """An action as the core's name and parameters.

    Args:
        action: A dict of `KaggleEnv.action_space`, a call (``{"action": …, "params": …}``), or a pair of name and parameters.

    Raises:
        TypeError: It is none of them.
    """
    if isinstance(action, Mapping) and "action" in action:
        name = action["action"]
        if isinstance(name, (int, np.integer)):
            name = ACTIONS[int(name)]
        if "params" in action:
            return str(name), dict(action["params"])
        fields = {"request_info": "info_type", "validate_code": "code", "execute_code": "code"}
        field = fields.get(str(name))
        return str(name), {field: action[field]} if field is not None and field in action else {}
    if isinstance(action, (tuple, list)) and len(action) == 2 and isinstance(action[0], str):
        return action[0], dict(action[1])
    raise TypeError(
        f"an action of type {type(action).__name__}; expected a dict of the action space, or"
        ' {"action": name, "params": {…}}'
    )


def _remove_folder(folder: str, process: int) -> None:
    """Removes a folder, in the process that made it alone: a forked child has the same object, but not the folder."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _scalar(low: float, high: float) -> spaces.Box:
    return spaces.Box(low=low, high=high, shape=(), dtype=np.float64)


def _score(grade: dict[str, Any] | None, key: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(0.0 if grade is None else grade[key], dtype=np.float64)


def _feedback(observation: dict[str, Any]) -> str:
    texts = []
    for name, feedback in observation["feedback"].items():
        text = feedback["text"].rstrip()
        texts.append(text if name == "base" else f"[{name}] {text}")
    return "\n\n".join(texts)


def _without_timings(info: dict[str, Any]) -> Info:
    kept = {key: value for key, value in info.items() if key not in _TIMINGS}
    if "run" in kept:
        kept["run"] = {key: value for key, value in kept["run"].items() if key not in _TIMINGS}
    return kept
