"""Signals, threads, forks: nothing hangs and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import mledojo
from mledojo import errors

LONG = "import time\nprint('begun', flush=True)\ntime.sleep(600)"


def script(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def descendants(pid: int) -> set[int]:
    """All processes below one, by what /proc says now."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    below = {pid}
    while True:
        more = {child for child, parent in parents.items() if parent in below} - below
        if not more:
            return below - {pid}
        below |= more


def gone(pids: set[int], within: float = 10.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_ctrl_c_ends_a_step_and_the_episode_goes_on() -> None:
    code = """
        import mledojo, time
        env = mledojo.make("iris")
        env.reset()
        print("ready", flush=True)
        started = time.monotonic()
        try:
            env.step(("execute_code", {"code": "import time; time.sleep(600)"}))
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        observation = env.step(("request_info", {"info_type": "name"}))[0]
        print(observation["step"], flush=True)
        env.close()
    """
    with subprocess.Popen(script(code), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(1.0)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < 5.0
        # The step that was interrupted did not happen.
        assert process.stdout.readline() == "1\n"
        assert process.wait(20) == 0


def test_killing_python_leaves_no_process_behind() -> None:
    code = f"""
        import mledojo, threading
        env = mledojo.make("iris")
        env.reset()
        threading.Thread(target=env.step, args=(("execute_code", {{"code": {LONG!r}}}),), daemon=True).start()
        input()
    """
    with subprocess.Popen(script(code), stdin=subprocess.PIPE) as process:
        end = time.monotonic() + 30
        while len(descendants(process.pid)) < 2 and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(1.0)
        below = descendants(process.pid)
        process.kill()
        process.wait(10)
    assert below, "nothing ran"
    assert gone(below)


def test_a_step_is_cancelled_from_another_thread() -> None:
    env = mledojo.make("iris")
    env.reset()
    caught: list[BaseException] = []

    def step() -> None:
        try:
            env.step(("execute_code", {"code": LONG}))
        except errors.CancelledError as error:
            caught.append(error)

    thread = threading.Thread(target=step)
    thread.start()
    time.sleep(0.5)
    with pytest.raises(errors.BusyError):
        env.step(("request_info", {"info_type": "name"}))
    env.cancel()
    thread.join(10)
    assert len(caught) == 1
    assert env.step(("request_info", {"info_type": "name"}))[0]["step"] == 1
    env.close()


def test_a_forked_child_says_what_is_wrong_and_harms_nothing() -> None:
    code = """
        import os, mledojo
        from mledojo import errors
        env = mledojo.make("iris")
        env.reset()
        env.step(("validate_code", {"code": "print(1)"}))
        child = os.fork()
        if child == 0:
            try:
                env.step(("request_info", {"info_type": "name"}))
            except errors.ForkedError:
                other = mledojo.make("iris")
                other.reset()
                result = other.step(("validate_code", {"code": "print(2)"}))
                del env, other
                os._exit(0 if result[0]["action_status"] else 2)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0, "the child"
        observation = env.step(("validate_code", {"code": "print(3)"}))[0]
        assert observation["action_status"] == 1, observation
        env.close()
        print("fine")
    """
    done = subprocess.run(script(code), capture_output=True, text=True, timeout=120)
    assert done.stdout == "fine\n", done.stderr


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing(method: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(f"""
        import multiprocessing
        import mledojo

        def play(seed):
            env = mledojo.make("iris", steps=2)
            env.reset(seed=seed)
            observation = env.step(("validate_code", {{"code": "import os; print(os.environ['MLEDOJO_SEED'])"}}))[0]
            env.close()
            return f"\\n{{seed}}\\n" in observation["feedback"]

        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(2) as pool:
                print(pool.map(play, [11, 12, 13]))
        """)
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=180)
    assert done.stdout == "[True, True, True]\n", done.stderr


def test_many_threads_step_their_own_environments() -> None:
    """200 threads, 50 steps each, one of them code."""
    environments = [mledojo.make("iris", steps=None, seconds=None) for _ in range(200)]
    failures: list[str] = []

    def play(env: mledojo.KaggleEnv) -> None:
        env.reset()
        for number in range(50):
            call = ("validate_code", {"code": "print(1)"}) if number == 25 else ("request_info", {"info_type": "name"})
            observation = env.step(call)[0]
            if observation["action_status"] != 1 or observation["step"] != number + 1:
                failures.append(observation["feedback"])

    open_before = len(os.listdir("/proc/self/fd"))
    threads = [threading.Thread(target=play, args=(env,)) for env in environments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads)
    assert not failures, failures[:3]
    for env in environments:
        env.close()
    del environments, threads
    # Each environment holds its log open while it lives.
    assert len(os.listdir("/proc/self/fd")) <= open_before + 20
