"""The time that a worker has left, as the sentinel sees it."""

import multiprocessing
import os
import signal
from collections.abc import Callable

import pytest

from core.worker.timer import Timer


def in_a_worker(task: Callable[[], None]) -> int | None:
    """Run ``task`` in a process that is forked from this one; return its exit code."""
    process = multiprocessing.get_context("fork").Process(target=task)
    process.start()
    process.join(30)
    return process.exitcode


@pytest.mark.parametrize("noted", [-1.0, -2.0, 0.0])
def test_sentinel_sees_that_no_task_is_running(noted: float) -> None:
    timer = Timer()

    exit_code = in_a_worker(lambda: setattr(timer, "value", noted))

    assert (exit_code, timer.value) == (0, noted)


def test_time_passes_without_anybody_counting_down() -> None:
    timer = Timer()

    in_a_worker(lambda: setattr(timer, "value", 1_000))
    before = timer.value
    timer.value -= 500
    after = timer.value

    assert 500 < after < before < 1_000


def test_time_ends_at_zero() -> None:
    timer = Timer()

    in_a_worker(lambda: setattr(timer, "value", 1e-9))

    assert timer.value == 0


def test_worker_killed_with_the_lock_holds_up_nobody() -> None:
    timer = Timer()

    def die() -> None:
        with timer.get_lock():
            timer.value = 1_000
            os.kill(os.getpid(), signal.SIGKILL)

    exit_code = in_a_worker(die)
    with timer.get_lock():
        left = timer.value

    assert exit_code == -signal.SIGKILL
    assert left > 0
