"""The processes of a run: each in a session of its own, and none of them left behind."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.errors import BenchError

ROOT = Path(__file__).resolve().parent.parent
READY = "ready"
READY_SECONDS = 300.0
# A worker finishes what it has begun before it goes.
STOP_SECONDS = 60.0
SHOWN_LINES = 20
CHUNK_BYTES = 65_536


@dataclass(slots=True, kw_only=True)
class Program:
    """A running program, which people call ``name``.

    Its standard input is a pipe, and of those that are talked with the output as well.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    _seen: bytes = field(default=b"")

    def line(self, limit_seconds: float) -> str:
        """Return the next line that it prints; raise BenchError when there comes none in time."""
        deadline = time.monotonic() + limit_seconds
        output = self.process.stdout
        while output and b"\n" not in self._seen:
            left = max(0.0, deadline - time.monotonic())
            readable, _, _ = select.select([output], [], [], left)
            chunk = os.read(output.fileno(), CHUNK_BYTES) if readable else b""
            if not chunk:
                problem = "has ended" if readable else f"said nothing for {limit_seconds:g} s"
                raise BenchError(f"{self.name} {problem}.{self.last_words()}")
            self._seen += chunk
        line, _, self._seen = self._seen.partition(b"\n")
        return line.decode()

    def wait_until_ready(self) -> None:
        """Return when it says that it may be told to begin."""
        while (line := self.line(READY_SECONDS)) != READY:
            raise BenchError(f"{self.name} printed {line!r} instead of being ready.")

    def begin(self) -> None:
        """Tell it to begin."""
        if self.process.stdin:
            self.process.stdin.write(b"\n")
            self.process.stdin.flush()

    def result(self, limit_seconds: float = READY_SECONDS) -> Any:
        """Return what it printed as JSON."""
        return json.loads(self.line(limit_seconds))

    def let_go(self) -> None:
        """End its standard input."""
        if self.process.stdin:
            self.process.stdin.close()

    def check(self) -> None:
        """Raise BenchError, with the end of its log, when it has ended."""
        if self.process.poll() is not None:
            raise BenchError(f"{self.name} has ended.{self.last_words()}")

    def stop(self) -> None:
        """Ask it to end, and see to it that it does."""
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)

    def last_words(self) -> str:
        """Return the end of its log as an appendix to a sentence."""
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        return "\n".join(["", f"The end of {self.log}:", *lines[-SHOWN_LINES:]])


@contextmanager
def running(
    name: str,
    words: Sequence[str],
    log: Path,
    variables: Mapping[str, str] | None = None,
    *,
    talking: bool = False,
) -> Iterator[Program]:
    """Run a program while the block runs; then kill what is left of it and its children.

    What it prints can be read when it is ``talking``, and else goes to its log.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  # our own programs with our own arguments
            list(words),
            cwd=ROOT,
            env=os.environ | dict(variables or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if talking else output,
            stderr=output,
            # Ctrl-C is for the benchmark alone: it ends its programs in its own order.
            start_new_session=True,
            bufsize=0,
        )
    try:
        yield Program(name=name, process=process, log=log)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def run_to_end(words: Sequence[str], variables: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it printed; raise BenchError when it fails."""
    ended = subprocess.run(  # noqa: S603  # our own programs with our own arguments
        list(words),
        cwd=ROOT,
        env=os.environ | dict(variables or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        said = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-SHOWN_LINES:])
        raise BenchError(f"{' '.join(words)} failed ({ended.returncode}):\n{said}")
    return ended.stdout


def python(*words: str) -> tuple[str, ...]:
    """Return the words that run this Python with ``words``."""
    return (sys.executable, *words)
