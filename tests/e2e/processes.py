"""Real processes, in process groups of their own, so that a whole group can be killed at once."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60.0


class Process:
    """A program with all the processes that it starts."""

    def __init__(
        self,
        arguments: list[str],
        environment: Mapping[str, str],
        log: Path,
        listener: socket.socket | None = None,
    ) -> None:
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()] if listener else [],
                start_new_session=True,
            )

    def freeze(self) -> None:
        """Stop every process of it where it stands (SIGSTOP)."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill every process of it at once (SIGKILL); killing it again does nothing."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE_SECONDS)

    def output(self) -> str:
        """Return what it has printed so far; fail when it has ended by itself."""
        printed = self.log.read_text("utf-8", "replace")
        assert self._process.poll() is None, printed
        return printed


@contextmanager
def running(
    arguments: list[str],
    environment: Mapping[str, str],
    log: Path,
    listener: socket.socket | None = None,
) -> Iterator[Process]:
    """Run a Python program while the block runs."""
    process = Process(arguments, environment, log, listener)
    try:
        yield process
    finally:
        process.kill()


def run_to_end(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Run a Python program; return what it printed."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
