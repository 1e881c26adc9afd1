"""The web server and the worker of the demonstration, as processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from core import http

STOP_SECONDS = 5
POLL_SECONDS = 0.05


class DemoError(Exception):
    """Something of the demonstration did not happen; the message says what."""


def free_port(wanted: int) -> int:
    """Return ``wanted`` if nothing listens there, else any free port."""
    for port in (wanted, 0):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise DemoError("No port of 127.0.0.1 is free.")


@contextmanager
def running(*arguments: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python program while the block runs; its output goes to ``log``."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own programs with our own arguments
            [sys.executable, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children: politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def web(url: str) -> tuple[str, ...]:
    """Return the arguments that start the web server at ``url``."""
    return (
        *("-m", "gunicorn", "config.wsgi", "--bind", url.removeprefix("http://")),
        *("--workers", "1", "--threads", "4", "--log-level", "warning"),
    )


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Return when the web server answers that it is ready; raise DemoError when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoError(f"The web server ended at once:\n{log.read_text()}")
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
    raise DemoError(f"The web server was not ready after {seconds:g} s:\n{log.read_text()}")
