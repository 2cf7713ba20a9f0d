"""What can be used without an environment: texts, grades, data, the sandbox, episodes; errors and types."""

from __future__ import annotations

import doctest
import importlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import mledojo
from mledojo import errors, text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def iris() -> Path:
    return mledojo.prepare("iris")


def test_replies_become_actions() -> None:
    call = {"action": "request_info", "params": {"info_type": "overview"}}
    assert text.parse_action('Well.\n```json\n{"action": "request_info", "params": {"info_type": "overview"}}\n```') == call
    assert text.parse_tool_call("request_info", '{"info_type": "overview"}') == call
    for reply, said in [
        ("", "the reply is empty"),
        ("I will think about it.", "holds no action"),
        ('{"action": "fly", "params": {}}', "unknown action `fly`"),
        ('{"action": "execute_code", "params": {"code": "print(1)"', "not valid JSON"),
    ]:
        with pytest.raises(errors.ActionError, match=said):
            text.parse_action(reply)
    assert text.parse_action('{"action": "peek", "params": {}}', custom=["peek"])["action"] == "peek"


def test_tools_are_named_after_actions() -> None:
    tools = text.tool_schemas(info_types=["overview"])
    assert tools[0]["function"]["parameters"]["properties"]["info_type"]["enum"] == ["overview"]
    assert {tool["type"] for tool in tools} == {"function"}


def test_grading(iris: Path) -> None:
    grade = mledojo.grade("iris", iris / "public/sample_submission.csv")
    assert 0.0 <= grade.human_rank <= 1.0 and grade.protocol == "corrected"
    perfect = next((iris / "private").glob("*answer*"))
    assert mledojo.grade("iris", perfect).human_rank == 1.0
    assert mledojo.leaderboard("iris", grade.raw_score)["human_rank"] == grade.human_rank


def test_a_bad_submission_says_what_is_wrong(iris: Path, tmp_path: Path) -> None:
    lines = (iris / "public/sample_submission.csv").read_text().splitlines(keepends=True)
    short = tmp_path / "short.csv"
    short.write_text("".join(lines[:-1]))
    with pytest.raises(errors.InvalidSubmissionError) as caught:
        mledojo.grade("iris", short)
    assert caught.value.kind == "missing_ids" and caught.value.details["expected_rows"] == len(lines) - 1
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.fields == caught.value.fields and str(again) == str(caught.value)


def test_competitions() -> None:
    everything = mledojo.competitions.list()
    assert len(everything) >= 202
    bundled = mledojo.competitions.list(["bundled"])
    assert {"iris", "wine"} <= {facts["slug"] for facts in bundled}
    assert all(facts["modality"] == "tabular" for facts in mledojo.competitions.list(modality="tabular"))
    titanic = mledojo.competitions.get("spaceship-titanic")
    assert titanic["spec"]["slug"] == "spaceship-titanic" and len(titanic["brief"]) > 100
    with pytest.raises(errors.CatalogError):
        mledojo.competitions.get("no-such-competition")
    with pytest.raises(errors.PrepareError, match="download"):
        mledojo.make("spaceship-titanic")


def test_auditing(tmp_path: Path) -> None:
    clean = mledojo.prepare("diabetes")
    assert mledojo.audit(clean, "diabetes") == []
    copy = tmp_path / "leaky"
    (copy / "public").mkdir(parents=True)
    (copy / "private").mkdir()
    for part in ("public", "private"):
        for file in (clean / part).iterdir():
            (copy / part / file.name).write_bytes(file.read_bytes())
    answers = next((copy / "private").glob("*answer*")).read_bytes()
    (copy / "public" / "extra.csv").write_bytes(answers)
    leaks = mledojo.audit(copy, "diabetes")
    assert [leak.file for leak in leaks] == ["public/extra.csv"]


def test_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.txt").write_text("42")
    sandbox = mledojo.Sandbox()
    code = "import sys; print(open('/kaggle/input/mine/x.txt').read(), sys.argv[1:]); open('out.txt', 'w').write('made')"
    (tmp_path / "work").mkdir()
    result = sandbox.run(code, work_dir=tmp_path / "work", inputs={"mine": tmp_path / "in"}, args=["a"])
    assert (result.outcome, result.exit_code, result.stdout) == ("ok", 0, "42 ['a']\n"), result.stderr
    assert (tmp_path / "work" / "out.txt").read_text() == "made"
    assert sandbox.run("import sys; sys.exit(3)").exit_code == 3
    slow = sandbox.run("import time; time.sleep(60)", limits={"wall_seconds": 0.5})
    assert slow.outcome == "timeout" and slow.exit_code is None
    assert "Network is unreachable" in sandbox.run(
        "import socket; socket.create_connection(('1.1.1.1', 53), 2)"
    ).stderr


def test_episodes_are_tables(tmp_path: Path) -> None:
    env = mledojo.make("iris", run_dir=tmp_path, steps=3, agent="tester")
    env.reset(seed=4)
    env.step(("validate_code", {"code": "print(1)\n"}))
    env.step(("fly", {}))
    env.step(("finish", {}))
    assert env.episode_dir is not None
    episode = mledojo.Episode(env.episode_dir)
    assert episode.header["agent"] == "tester" and len(list(episode)) == 3
    table = episode.to_pandas()
    assert table["action"].tolist() == ["validate_code", "fly", "finish"]
    assert table["code"][0] == "print(1)\n" and table["failure"][1] == "bad_action" and table["terminated"][2]
    assert episode.to_arrow().num_rows == episode.to_polars().height == 3
    env.close()
    resumed = mledojo.make("iris")
    observation, _ = resumed.resume(env.episode_dir)
    assert observation["step"] == 3
    resumed.close()
    with pytest.raises(errors.EpisodeError):
        mledojo.Episode(tmp_path)


def test_feedback_information_and_actions_in_python() -> None:
    def cheer(*, action: dict[str, object] | None, best: object, **_: object) -> str:
        return f"Well done: {(action or {}).get('action')}."

    def broken(**_: object) -> str:
        raise RuntimeError("out of ideas")

    env = mledojo.make("iris", feedback={"cheer": cheer, "broken": broken})
    env.core.register_info("weather", lambda *, competition: {"sun": True, "of": competition})
    env.core.register_action("peek", lambda *, params, work_dir, **_: f"{params['depth']} {work_dir != ''}")
    env.reset()
    observation, *_ = env.step(("request_info", {"info_type": "weather"}))
    assert "[cheer] Well done: request_info." in observation["feedback"]
    assert "the provider failed (RuntimeError: out of ideas)" in observation["feedback"]
    assert env.last_step["observation"]["feedback"]["base"]["data"]["data"] == {"weather": {"sun": True, "of": "iris"}}
    observation, *_ = env.step(("peek", {"depth": 3}))
    assert "3 True" in observation["feedback"]
    with pytest.raises(ValueError, match="built-in"):
        env.core.register_action("reset", print)
    env.close()


@pytest.mark.parametrize("module", ["mledojo", "mledojo.env", "mledojo.text", "mledojo.grading", "mledojo.competitions"])
def test_examples_in_the_documentation(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module))
    assert result.failed == 0
    assert result.attempted > 0


def test_types() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", "python/mledojo"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
