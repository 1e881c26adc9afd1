"""The guard that runs a program for as long as its starter is alive."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from config.demo.processes import GUARD
from tests.once import ON_ONE_DATABASE
from tests.sinks import wait_until

pytestmark = ON_ONE_DATABASE
PATIENCE_SECONDS = 30.0
SLEEP = "import time; time.sleep(600)"
# Prints the number of a child in the same group, and waits.
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
print(child.pid, flush=True)
"""


@contextmanager
def guarded(code: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``code`` under the guard, on a leash."""
    guard = subprocess.Popen(
        [sys.executable, str(GUARD), sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield guard
    finally:
        guard.communicate(timeout=PATIENCE_SECONDS)


def line_of(guard: subprocess.Popen[bytes]) -> bytes:
    assert guard.stdout is not None
    return guard.stdout.readline()


def let_go(guard: subprocess.Popen[bytes]) -> None:
    assert guard.stdin is not None
    guard.stdin.close()
    guard.stdin = None


def is_running(number: int) -> bool:
    """Say whether there is such a process, and not only what is left of a dead one."""
    with suppress(OSError), open(f"/proc/{number}/stat", encoding="ascii") as stat:  # noqa: PTH123
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
    ],
)
def test_exit_code_of_the_program_is_passed_on(code: str, exit_code: int) -> None:
    with guarded(code) as guard:
        assert guard.wait(PATIENCE_SECONDS) == exit_code


def test_program_is_asked_to_end_when_the_leash_is_let_go() -> None:
    polite = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        # In short sleeps: Python would sleep through a signal that comes just before a long one.
        "while True: time.sleep(0.05)"
    )

    with guarded(polite) as guard:
        assert line_of(guard) == b"ready\n"
        let_go(guard)
        assert guard.wait(PATIENCE_SECONDS) == 7


def test_program_that_does_not_listen_is_killed() -> None:
    stubborn = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)"
    )

    with guarded(stubborn) as guard:
        assert line_of(guard) == b"ready\n"
        let_go(guard)
        assert guard.wait(PATIENCE_SECONDS) == 128 + signal.SIGKILL


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")  # noqa: PTH110
def test_what_a_program_leaves_behind_goes_with_it() -> None:
    with guarded(PARENT) as guard:
        child = int(line_of(guard))
        assert guard.wait(PATIENCE_SECONDS) == 0

    wait_until(lambda: not is_running(child))
