"""Text in, text out: a model's replies as actions, observations as words, actions as tools.

Usable on its own, without an environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mledojo import _core

__all__ = ["parse_action", "parse_tool_call", "render_observation", "tool_schemas"]


def parse_action(reply: str, *, custom: Sequence[str] = ()) -> dict[str, Any]:
    """A model's reply as a call.

    Taken are a JSON object ``{"action": …, "params": {…}}``, the object of a tool call, either of them in a code fence or
    between words, and a lone block of Python, which is ``execute_code``. Reasoning in ``<think>`` is skipped.

    Args:
        reply: What the model wrote.
        custom: Names of registered actions.

    Returns:
        ``{"action": name, "params": {…}}``, as `mledojo.KaggleEnv.step` takes it.

    Raises:
        mledojo.errors.ActionError: It holds no action, several, or a malformed one; the message is written for the model.

    >>> parse_action("I try it.\\n```python\\nprint(1)\\n```")
    {'action': 'execute_code', 'params': {'code': 'print(1)\\n'}}
    >>> parse_action('{"action": "request_info", "params": {}}')
    Traceback (most recent call last):
    ...
    mledojo.errors.ActionError: action `request_info`: `info_type` is missing; expected {"info_type": "overview"}
    """
    call: dict[str, Any] = _core.parse_action(reply, list(custom))
    return call


def parse_tool_call(name: str, arguments: str, *, custom: Sequence[str] = ()) -> dict[str, Any]:
    """A tool call, of its name and its arguments as JSON text, as a call.

    Raises:
        mledojo.errors.ActionError: It is no action; the message is written for the model.

    >>> parse_tool_call("finish", "{}")
    {'action': 'finish', 'params': {}}
    """
    call: dict[str, Any] = _core.parse_tool_call(name, arguments, list(custom))
    return call


def tool_schemas(*, custom: Sequence[str] = (), info_types: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The actions as OpenAI-style tools, for ``tools=`` of a chat completion.

    Args:
        custom: Names of registered actions.
        info_types: The types of information that can be asked for; without any, all texts are allowed.

    >>> [tool["function"]["name"] for tool in tool_schemas()][:3]
    ['request_info', 'validate_code', 'execute_code']
    """
    schemas: list[dict[str, Any]] = _core.tool_schemas(list(custom), list(info_types))
    return schemas


def render_observation(observation: Mapping[str, Any]) -> str:
    """An observation of `mledojo.KaggleEnv` (or of the core) as text for a language model.

    >>> print(render_observation({"feedback": "Hello.", "step": 1, "steps_left": 14, "has_score": 0}))
    Hello.
    <BLANKLINE>
    1 steps taken, 14 steps left
    """
    feedback = observation["feedback"]
    if not isinstance(feedback, str):
        texts = (
            said["text"].rstrip() if name == "base" else f"[{name}] {said['text'].rstrip()}"
            for name, said in feedback.items()
        )
        return "\n\n".join([*texts, observation["history"]])
    facts = [f"{int(observation['step'])} steps taken"]
    if observation["has_score"]:
        raw, rank = float(observation["best_raw_score"]), float(observation["best_position_score"])
        facts.append(f"best raw score {raw:g} (HumanRank {rank:.4f})")
    if (left := int(observation["steps_left"])) >= 0:
        facts.append(f"{left} steps left")
    return f"{feedback.rstrip()}\n\n{', '.join(facts)}"
