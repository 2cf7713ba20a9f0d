"""A scaffold of one's own over the package: a chat with any server that speaks OpenAI's API.

    python examples/python/chat_agent.py iris --url http://localhost:8000/v1 --model qwen

The model sees each observation as text and answers with an action; an answer that is none goes back to it with what is wrong.
The key, if the server wants one, is in OPENAI_API_KEY.
"""

from __future__ import annotations

import argparse
import json
import os
import urllib.request
from typing import Any

import mledojo
from mledojo import errors, text

TASK = """You do machine-learning engineering on a Kaggle competition, one action at a time. Answer each message with one JSON
object: {"action": "request_info", "params": {"info_type": "overview"}}, or with one block of Python, which is run and whose
submission file is graded. Write it to /kaggle/working/submission.csv. Your goal is a high HumanRank."""


def ask(url: str, model: str, messages: list[dict[str, str]]) -> str:
    """The model's answer to a conversation."""
    body = json.dumps({"model": model, "messages": messages}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", body, headers), timeout=600) as reply:
        content: str = json.load(reply)["choices"][0]["message"]["content"]
    return content


def choose(url: str, model: str, messages: list[dict[str, str]], repairs: int = 3) -> dict[str, Any]:
    """The model's next action. What it says is added to the conversation; without an action after all repairs, it is done."""
    for _ in range(1 + repairs):
        messages.append({"role": "assistant", "content": ask(url, model, messages)})
        try:
            return text.parse_action(messages[-1]["content"])
        except errors.ActionError as error:
            messages.append({"role": "user", "content": f"That is no action: {error}"})
    return {"action": "finish", "params": {}}


def main() -> None:
    """Plays one episode."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("competition")
    parser.add_argument("--url", default="https://api.openai.com/v1")
    parser.add_argument("--model", required=True)
    parser.add_argument("--steps", type=int, default=15)
    args = parser.parse_args()
    env = mledojo.make(args.competition, steps=args.steps, agent=f"chat:{args.model}")
    observation, _ = env.reset(seed=0)
    messages = [{"role": "user", "content": f"{TASK}\n\n{text.render_observation(observation)}"}]
    ended = False
    while not ended:
        action = choose(args.url, args.model, messages)
        observation, reward, terminated, truncated, _ = env.step(action)
        print(f"{int(observation['step']):2} {action['action']}: reward {reward:.3f}")
        messages.append({"role": "user", "content": text.render_observation(observation)})
        ended = terminated or truncated
    print(f"best HumanRank: {float(observation['best_position_score']):.3f}")
    env.close()


if __name__ == "__main__":
    main()
