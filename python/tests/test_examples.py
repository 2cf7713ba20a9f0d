"""The programs in `examples/python` do what they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples/python"


def test_the_mean_reward_rises(tmp_path: Path) -> None:
    curve = tmp_path / "curve.svg"
    command = [sys.executable, EXAMPLES / "reinforce.py", "--updates", "12", "--rate", "4", "--plot", curve]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = re.search(r"mean reward: ([\d.]+) in the first quarter, ([\d.]+) in the last", done.stdout)
    assert found is not None, done.stdout
    first, last = map(float, found.groups())
    assert last > first + 0.1, done.stdout
    assert curve.read_text().startswith("<svg")


def test_a_scaffold_of_ones_own_repairs_and_ends() -> None:
    replies = ["I am not sure.", '{"action": "request_info", "params": {"info_type": "name"}}', '{"action": "finish"}']
    asked: list[dict[str, object]] = []

    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": replies[len(asked) - 1]}
            body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        command = [sys.executable, str(EXAMPLES / "chat_agent.py"), "iris", "--url", url, "--model", "m"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [" 1 request_info: reward 0.000", " 2 finish: reward 0.000", "best HumanRank: 0.000"]
    assert "That is no action: the reply holds no action" in json.dumps(asked[1])
