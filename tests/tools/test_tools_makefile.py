"""``make run``: its two processes live in one environment."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Stands in for the interpreter: writes down what it was called with. The web server stays until
# the worker has done so, which would be ended with it.
RECORDER = """#!{python}
import json, os, sys, time
names = ("OUTBOUND_HTTPS_ONLY", "OUTBOUND_ALLOWED_NETWORKS")
line = {{"words": sys.argv[1:3], **{{name: os.environ.get(name) for name in names}}}}
with open({log!r}, "a") as log:
    log.write(json.dumps(line) + "\\n")
while sys.argv[2] == "runserver" and '"worker"' not in open({log!r}).read():
    time.sleep(0.01)
"""


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_web_and_worker_of_make_run_may_send_to_the_same_places(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    python = tmp_path / "python"
    python.write_text(RECORDER.format(python=sys.executable, log=str(log)), encoding="utf-8")
    python.chmod(0o755)

    subprocess.run(
        ["make", "run", f"BIN={tmp_path}", "READY="],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )

    calls = {call.pop("words")[1]: call for call in map(json.loads, log.read_text().splitlines())}
    loopback = {
        "OUTBOUND_HTTPS_ONLY": "false",
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
    }
    assert calls == {"migrate": loopback, "worker": loopback, "runserver": loopback}
