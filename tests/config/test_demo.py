"""``python -m config.demo``, as a process of its own, with all that it starts."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import requests
from django.conf import settings

from config.demo.listening import listen
from config.demo.processes import GUARD
from tests.sinks import wait_until
from tools import environment

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
        reason="the demonstration has SQLite, whatever the other tests run on",
    ),
]

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 90.0
SECRETS = environment.fresh()
READY_LINE = "Stop with Ctrl-C.\n"
VERIFIED_LINE = "   ✓ signature verified by the reference library (standardwebhooks)\n"


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Let what is started here be interrupted, even where these tests run in the background.

    There a shell has interrupts ignored, and whatever is started inherits that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Demo:
    """A running demonstration, and what it has printed so far."""

    def __init__(self, *options: str, root: Path) -> None:
        # A variable by which its processes, and no others, are recognized.
        self.mark = f"DEMO_TEST={os.urandom(8).hex()}"
        name, _, value = self.mark.partition("=")
        variables = SECRETS | {"ENV_FILE": os.devnull, name: value}
        self.printed = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.demo", *options],
            cwd=root,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, line: str) -> None:
        assert self.process.stdout is not None
        for printed in self.process.stdout:
            self.printed += printed
            if printed == line:
                return
        pytest.fail(self.printed)

    def end(self) -> int:
        """Wait until it has ended by itself; return its exit code."""
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.printed += output
        return self.process.returncode

    def processes(self) -> dict[int, str]:
        """Return the command line of each process that it has started, itself included."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes():
                    command = (folder / "cmdline").read_bytes()
                    found[int(folder.name)] = command.replace(b"\0", b" ").decode()
            except OSError:
                continue  # it has ended meanwhile, or is not ours
        return found

    def main_process(self, program: str) -> int:
        """Return the process that is ``program``: not its guard, and nothing that it started."""
        commands = self.processes()
        (number,) = (
            each
            for each, command in commands.items()
            if program in command and GUARD.name in commands.get(parent_of(each), "")
        )
        return number

    def left(self) -> dict[int, str]:
        """Return what goes on running after the end; what has been killed may take its time."""
        with suppress(AssertionError):
            wait_until(lambda: self.processes() == {}, PATIENCE_SECONDS)
        return self.processes()


def parent_of(process: int) -> int:
    stat = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    return int(stat.rpartition(")")[2].split()[1])


@contextmanager
def demo(*options: str, root: Path = ROOT) -> Iterator[Demo]:
    started = Demo(*options, root=root)
    try:
        yield started
    finally:
        for number in started.processes():
            with suppress(ProcessLookupError):  # one may end with another
                os.kill(number, signal.SIGKILL)
        started.process.communicate()


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree in another folder, with letters in its path that URLs and shells dislike."""
    folder = tmp_path_factory.mktemp("copy") / "my copy #1 of 100% +"
    folder.mkdir()
    for name in ("config", "core", "records", "webhooks", "scim", "monitoring", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    return folder


def test_demo_once_shows_the_verified_webhook_and_leaves_nothing_behind() -> None:
    with closing(listen(0)) as taken:
        port = taken.getsockname()[1]
        with demo("--once", "--port", str(port)) as running:
            exit_code = running.end()
            left = running.left()

    assert exit_code == 0, running.printed
    assert left == {}
    for sentence in (
        f"Port {port} is taken; the web server is at http://127.0.0.1:",
        "│ POST /orders\n",
        "│ webhook-signature: v1,",
        '│   "customer": "Ada Lovelace",\n',
        "✓ signature verified by the reference library (standardwebhooks)\n",
        "✓ payload and headers are what the template says\n",
        "✓ the delivery log says: delivered\n",
    ):
        assert sentence in running.printed


def test_interrupted_demo_ends_well_with_all_its_processes(copied: Path) -> None:
    with demo("--port", "0", root=copied) as running:
        running.wait_for(READY_LINE)
        started = running.processes()
        os.kill(running.process.pid, signal.SIGINT)
        exit_code = running.end()
        left = running.left()

    assert exit_code == 0, running.printed
    assert any("gunicorn" in command for command in started.values())
    assert any("manage.py worker" in command for command in started.values())
    assert left == {}


def test_demo_shows_the_webhooks_that_arrive_later(copied: Path) -> None:
    with demo("--port", "0", root=copied) as running:
        running.wait_for(READY_LINE)
        (url,) = re.findall(r"^API: +(http://127.0.0.1:[0-9]+)/", running.printed, re.MULTILINE)
        (key,) = re.findall(r"^Key: +(pbk_\S+)", running.printed, re.MULTILINE)
        order = {"data": {"customer_name": "Grace Hopper", "items": [], "total": 5}}
        answer = requests.post(
            f"{url}/api/v1/records/order", json=order, headers={"X-API-Key": key}, timeout=10
        )
        running.wait_for('   │   "customer": "Grace Hopper",\n')
        running.wait_for(VERIFIED_LINE)

    assert answer.status_code == 201


def test_demo_runs_again_on_what_a_killed_one_left_but_not_beside_it(copied: Path) -> None:
    with demo("--port", "0", root=copied) as running:
        running.wait_for(READY_LINE)
        with demo("--port", "0", root=copied) as second:
            exit_code = second.end()
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait(PATIENCE_SECONDS)
        left = running.left()
    with demo("--port", "0", root=copied) as again:
        again.wait_for(READY_LINE)

    assert exit_code == 1
    assert left == {}
    assert second.printed == f"✗ Another demonstration is running in {copied}/var/demo; stop it.\n"


@pytest.mark.parametrize(
    ("program", "name"), [("manage.py worker", "The worker"), ("gunicorn", "The web server")]
)
def test_demo_fails_when_a_program_of_it_dies(program: str, name: str, copied: Path) -> None:
    with demo("--port", "0", root=copied) as running:
        running.wait_for(READY_LINE)
        os.kill(running.main_process(program), signal.SIGKILL)
        exit_code = running.end()
        left = running.left()

    assert exit_code == 1
    assert f"✗ {name} has ended (exit code 137)." in running.printed
    assert left == {}


def test_demo_that_is_interrupted_early_says_so(copied: Path) -> None:
    with demo("--once", "--port", "0") as running:
        running.wait_for("1. Preparing the database\n")
        os.kill(running.process.pid, signal.SIGINT)
        exit_code = running.end()
        left = running.left()

    assert exit_code == 130
    assert running.printed.endswith("✗ Interrupted.\n")
    assert left == {}


def test_port_that_cannot_be_is_refused() -> None:
    with demo("--port", "65536") as running:
        exit_code = running.end()

    assert exit_code == 2
    assert running.printed.endswith("error: --port must be from 0 to 65535\n")
