"""The end of a worker: asked for, forced, or because nothing helps."""

import signal
import time
from pathlib import Path

import pytest

from tests.e2e.installation import Installation
from tests.e2e.supervised import PROCESS_COUNT, enqueue, marks, supervised
from tests.once import ON_ONE_DATABASE
from tests.sinks import wait_until

pytestmark = [pytest.mark.e2e, ON_ONE_DATABASE]
END_SECONDS = 30.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_that_is_asked_to_end_ends_well(
    number: signal.Signals, installation: Installation
) -> None:
    with supervised(installation) as worker:
        exit_code = worker.end(number)
        left = worker.left()
        ended = worker.lines("worker.stopped")
        killed = worker.lines("worker.tasks_killed")

    assert exit_code == 0
    assert left == []
    assert (len(ended), len(killed)) == (1, 0)


def test_task_that_asks_ends_with_the_worker(installation: Installation, tmp_path: Path) -> None:
    with supervised(installation) as worker:
        enqueue(installation, "stay", 1, str(tmp_path))
        wait_until(lambda: len(marks(tmp_path, "started")) == 1, END_SECONDS)
        exit_code = worker.end(signal.SIGTERM)
        killed = worker.lines("worker.tasks_killed")

    assert exit_code == 0
    assert killed == []
    assert len(marks(tmp_path, "ended")) == 1


def test_task_that_goes_on_is_killed_after_a_while(
    installation: Installation, tmp_path: Path
) -> None:
    with supervised(installation, grace=1) as worker:
        enqueue(installation, "nap", 1, str(tmp_path), "200")
        wait_until(lambda: len(marks(tmp_path, "started")) == 1, END_SECONDS)
        exit_code = worker.end(signal.SIGTERM)
        left = worker.left()
        killed = worker.lines("worker.tasks_killed")

    assert exit_code == 0
    assert left == []
    assert len(killed) == 1


def test_task_is_killed_at_once_when_asked_twice(
    installation: Installation, tmp_path: Path
) -> None:
    with supervised(installation) as worker:
        enqueue(installation, "nap", 1, str(tmp_path), "200")
        wait_until(lambda: len(marks(tmp_path, "started")) == 1, END_SECONDS)
        asked_at = time.monotonic()
        worker.ask(signal.SIGTERM)
        wait_until(lambda: len(worker.processes("pusher")) == 0, END_SECONDS)
        exit_code = worker.end(signal.SIGTERM)
        took = time.monotonic() - asked_at

    assert exit_code == 0
    assert took < 20


@pytest.mark.parametrize("stopped", ["worker", "monitor", "pusher", "sentinel"])
def test_worker_with_a_stopped_process_still_ends(stopped: str, installation: Installation) -> None:
    with supervised(installation, grace=1) as worker:
        worker.hit(stopped, signal.SIGSTOP)
        exit_code = worker.end(signal.SIGTERM)
        left = worker.left()

    assert exit_code == 0
    assert left == []


def test_nothing_is_left_when_the_supervisor_is_killed(
    installation: Installation, tmp_path: Path
) -> None:
    with supervised(installation) as worker:
        enqueue(installation, "nap", 1, str(tmp_path), "200")
        wait_until(lambda: len(marks(tmp_path, "started")) == 1, END_SECONDS)
        worker.hit("monitor", signal.SIGSTOP)
        before = worker.left()
        exit_code = worker.end(signal.SIGKILL)
        wait_until(lambda: worker.left() == [], END_SECONDS)

    assert exit_code == -signal.SIGKILL
    assert len(before) == PROCESS_COUNT


def test_worker_gives_up_when_cluster_after_cluster_dies(installation: Installation) -> None:
    with supervised(installation, failures=3, shortest_pause=0.1) as worker:
        for clusters in (1, 2, 3):
            wait_until(lambda: worker.is_up(clusters), END_SECONDS)  # noqa: B023  # waits here
            worker.hit("sentinel", signal.SIGKILL)
        exit_code = worker.wait()
        left = worker.left()
        given_up = worker.lines("worker.gave_up")
        pauses = [line["pause_seconds"] for line in worker.lines("worker.cluster_restarting")]

    assert exit_code == 1
    assert left == []
    assert [line["clusters"] for line in given_up] == [3]
    assert pauses == [0.1, 0.2]
