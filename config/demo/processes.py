"""The web server and the worker of the demonstration, as processes of their own.

Each runs under ``guard.py``, which ends it when the demonstration is gone, however that came.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from config.demo.errors import DemoError
from config.demo.guard import GRACE_SECONDS
from core import http

ROOT = Path(__file__).resolve().parent.parent.parent
GUARD = Path(__file__).with_name("guard.py")
STOP_SECONDS = GRACE_SECONDS + 5
POLL_SECONDS = 0.05
SHOWN_LINES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A running program; ``name`` is what people call it."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise DemoError, with the end of its log, when the program has ended."""
        exit_code = self.process.poll()
        if exit_code is not None:
            raise DemoError(f"{self.name} has ended (exit code {exit_code}).{self.last_words()}")

    def last_words(self) -> str:
        """Return the end of the log as an appendix to a sentence."""
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        if not lines:
            return f"\nIts log, {self.log}, is empty."
        return "\n".join(["", f"The end of {self.log}:", *lines[-SHOWN_LINES:]])


@contextmanager
def running(
    name: str, *arguments: str, log: Path, listener: socket.socket | None = None
) -> Iterator[Program]:
    """Run a Python program while the block runs; its output goes to ``log``.

    A ``listener`` is handed down under its own number.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own programs with our own arguments
            [sys.executable, str(GUARD), sys.executable, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()] if listener else [],
            # Ctrl-C is for the demonstration alone: it ends the programs in its own order.
            start_new_session=True,
        )
    try:
        yield Program(name=name, process=process, log=log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let go of the leash and wait until the guard has ended what it guards."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def web(listener: socket.socket) -> tuple[str, ...]:
    """Return the arguments that start the web server at ``listener``."""
    return (
        *("-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listener.fileno()}"),
        *("--workers", "1", "--threads", "4", "--log-level", "warning", "--no-control-socket"),
    )


def wait_until_ready(url: str, program: Program, patience: timedelta) -> None:
    """Return when the web server answers that it is ready; raise DemoError when it does not."""
    deadline = time.monotonic() + patience.total_seconds()
    while time.monotonic() < deadline:
        program.check()
        try:
            answer = http.request(
                "GET", f"{url}/health/ready", headers={}, body=b"", timeout=timedelta(seconds=2)
            )
        except http.HttpError:
            time.sleep(POLL_SECONDS)
            continue
        if answer.status_code == 200:
            return
        time.sleep(POLL_SECONDS)
    raise DemoError(
        f"The web server was not ready after {patience.total_seconds():g} s.{program.last_words()}"
    )
