"""Tasks for workers under test. What they have done is seen by the files that they make."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.worker import stopping


def nap(folder: str, seconds: str) -> None:
    """Be busy for a while."""
    made = _made(folder, "started")
    time.sleep(float(seconds))
    made.with_suffix(".ended").touch()


def be_stubborn(folder: str) -> None:
    """Be busy for longer than anyone waits, whatever is raised here to end it."""
    _made(folder, "started")
    while True:
        with suppress(BaseException):
            time.sleep(1)


def stay(folder: str) -> None:
    """Be busy until the worker is asked to end."""
    made = _made(folder, "started")
    while not stopping():
        time.sleep(0.05)
    made.with_suffix(".ended").touch()


def make_unpicklable(folder: str) -> Callable[[], None]:
    """Return what cannot be handed to another process."""
    _made(folder, "started")
    return lambda: None


def keep_lock(folder: str) -> None:
    """Leave the queue of tasks locked, as a process does that is killed while it waits there."""
    frame = sys._getframe()
    while frame.f_code.co_name != "worker":
        assert frame.f_back is not None
        frame = frame.f_back
    frame.f_locals["task_queue"]._queue._rlock.acquire()
    _made(folder, "locked")


def _made(folder: str, suffix: str) -> Path:
    path = Path(folder, f"{os.getpid()}-{time.monotonic_ns()}.{suffix}")
    path.touch()
    return path
