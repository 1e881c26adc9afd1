"""gunicorn as the README starts it: what it writes, and when it refuses to start."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.once import ON_ONE_DATABASE
from tools import environment

pytestmark = ON_ONE_DATABASE

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60
COMMAND = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0"]


def start(variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env={"PATH": os.defpath, "ENV_FILE": os.devnull} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_lines_of_gunicorn_are_objects_too(tmp_path: Path) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/hub.sqlite3", "LOG_FORMAT": "json"}
    process = start(environment.fresh() | database | {"PYTHONWARNINGS": "ignore"})
    try:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(4)]
    finally:
        process.send_signal(signal.SIGTERM)
        printed, rest = process.communicate(timeout=PATIENCE_SECONDS)

    events = [json.loads(line) for line in [*lines, *rest.splitlines()]]
    assert printed == ""
    assert events[0]["event"].startswith("Starting gunicorn")
    assert {event["logger"] for event in events} == {"gunicorn.error"}


def test_gunicorn_without_secrets_ends_with_a_sentence() -> None:
    process = start({})

    printed, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, printed) == (1, "")
    assert said.startswith("Patchbay cannot start: SECRET_KEY is not set.")
