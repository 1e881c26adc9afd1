"""Processes of a worker that are killed or stopped: the supervisor gets the work going again."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.installation import Api, Installation
from tests.e2e.supervised import (
    WORKER_COUNT,
    Supervised,
    enqueue,
    marks,
    queued,
    supervised,
)
from tests.once import ON_ONE_DATABASE
from tests.sinks import Sink, wait_until

pytestmark = pytest.mark.e2e
# Within this time a webhook must arrive, whatever has happened to the worker.
HEALED_SECONDS = 60.0
END_SECONDS = 30.0
MAKE_UNPICKLABLE = "tests.e2e.tasks.make_unpicklable"
KILLED = "one of its processes was killed"
STOPPED = "a process is stopped by a signal"
UNGUARDED = "the process that guards the others was ended by SIGKILL"


def assert_heals(worker: Supervised, api: Api, sink: Sink, number: str) -> None:
    """Check that an order arrives in time, and the next one from the new cluster at once."""
    ordered_at = time.monotonic()
    ordered = {api.order(number)["id"]}
    arrived_at = sink.arrived.get(timeout=HEALED_SECONDS).at
    wait_until(lambda: worker.is_up(clusters=2), HEALED_SECONDS)
    ordered.add(api.order(f"{number}-again")["id"])
    sink.arrived.get(timeout=HEALED_SECONDS)

    assert arrived_at - ordered_at < HEALED_SECONDS
    bodies = [seen.body.decode() for seen in sink.requests]
    assert {each for each in ordered if any(each in body for body in bodies)} == ordered


def noticed_or_hit(worker: Supervised, role: str) -> bool:
    """Say whether the supervisor has replaced the cluster; if not, kill its processes again."""
    if worker.reasons():
        return True
    worker.hit(role, signal.SIGKILL)
    return False


@pytest.mark.parametrize(
    ("role", "reason"),
    [("worker", KILLED), ("monitor", KILLED), ("pusher", KILLED), ("sentinel", UNGUARDED)],
)
def test_webhook_arrives_after_a_process_is_killed(
    role: str, reason: str, installation: Installation, api: Api
) -> None:
    with (
        Sink() as sink,
        api.subscribed(sink.url),
        supervised(installation) as worker,
    ):
        worker.hit(role, signal.SIGKILL)
        if role == "worker":
            # Workers that were all busy are replaced one by one; an idle one must be among them.
            wait_until(lambda: noticed_or_hit(worker, role), END_SECONDS)
        assert_heals(worker, api, sink, f"killed-{role}")
        reasons = worker.reasons()

    assert reasons == [reason]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("role", "limits"),
    [
        ("worker", {}),
        ("monitor", {"stopped": 1.5}),
        ("pusher", {"stopped": 1.5}),
        ("sentinel", {"stopped": 1.5}),
    ],
)
def test_webhook_arrives_after_a_process_is_stopped(
    role: str, limits: dict[str, float], installation: Installation, api: Api
) -> None:
    with (
        Sink() as sink,
        api.subscribed(sink.url),
        supervised(installation, **limits) as worker,
    ):
        before = worker.processes(role)
        worker.hit(role, signal.SIGSTOP)
        assert_heals(worker, api, sink, f"stopped-{role}")
        reasons = worker.reasons()
        left = [each for each in before if each in worker.left()]

    assert reasons == [STOPPED]
    assert left == []


@ON_ONE_DATABASE
def test_webhook_arrives_when_idle_workers_get_no_tasks(
    installation: Installation, api: Api, tmp_path: Path
) -> None:
    """With the limits of every installation: nothing has died, nothing says that it is stuck."""

    def is_locked() -> bool:
        # An idle worker lets go of the lock when a task comes; who is next, nobody knows.
        enqueue(installation, "nap", 1, str(tmp_path), "0")
        return bool(marks(tmp_path, "locked"))

    with Sink() as sink, api.subscribed(sink.url), supervised(installation) as worker:
        enqueue(installation, "keep_lock", 1, str(tmp_path))
        wait_until(is_locked, END_SECONDS)
        assert_heals(worker, api, sink, "locked")
        reasons = worker.reasons()

    # Which of them depends on how many naps were left in the queue.
    assert len(reasons) == 1
    assert reasons[0] in {
        "tasks wait although a worker is idle",
        "no tasks are fetched although a worker is idle",
    }


@ON_ONE_DATABASE
def test_workers_that_are_all_busy_for_long_are_left_alone(
    installation: Installation, api: Api, tmp_path: Path
) -> None:
    naps = WORKER_COUNT + 2

    with (
        Sink() as sink,
        api.subscribed(sink.url),
        supervised(installation, patience=2, look=0.2) as worker,
    ):
        enqueue(installation, "nap", naps, str(tmp_path), "6")
        wait_until(lambda: marks(tmp_path, "started"), HEALED_SECONDS)
        order = api.order("behind-naps")
        seen = sink.arrived.get(timeout=HEALED_SECONDS)
        wait_until(lambda: len(marks(tmp_path, "ended")) == naps, HEALED_SECONDS)
        clusters = len(worker.lines("worker.cluster_started"))

    assert order["id"].encode() in seen.body
    assert clusters == 1


@ON_ONE_DATABASE
def test_worker_killed_in_the_middle_of_a_task_costs_the_others_nothing(
    installation: Installation, api: Api, tmp_path: Path
) -> None:
    with (
        Sink() as sink,
        api.subscribed(sink.url),
        supervised(installation, patience=4) as worker,
    ):
        enqueue(installation, "nap", 2, str(tmp_path), "10")
        wait_until(lambda: len(marks(tmp_path, "started")) == 2, HEALED_SECONDS)
        killed, kept = (int(mark.name.partition("-")[0]) for mark in marks(tmp_path, "started"))
        before = set(worker.left())
        os.kill(killed, signal.SIGKILL)
        order = api.order("beside-the-killed")
        seen = sink.arrived.get(timeout=HEALED_SECONDS)
        wait_until(lambda: marks(tmp_path, "ended"), HEALED_SECONDS)
        clusters = len(worker.lines("worker.cluster_started"))
        gone = before - set(worker.left())
        workers = worker.processes("worker")

    assert order["id"].encode() in seen.body
    assert clusters == 1
    assert gone == {killed}
    assert kept in workers
    assert len(workers) == WORKER_COUNT


def test_task_whose_result_cannot_be_kept_is_acknowledged(
    installation: Installation, tmp_path: Path
) -> None:
    database = installation.database

    with supervised(installation, patience=2, look=0.2) as worker:
        enqueue(installation, "make_unpicklable", 1, str(tmp_path))
        wait_until(lambda: database.count("django_q_task", "NOT success") == 1, HEALED_SECONDS)
        wait_until(lambda: MAKE_UNPICKLABLE not in queued(installation), END_SECONDS)
        ((kept,),) = database.run("SELECT func FROM django_q_task WHERE NOT success")
        reasons = worker.reasons()

    assert len(marks(tmp_path, "started")) == 1
    assert kept == MAKE_UNPICKLABLE
    assert reasons == []


@ON_ONE_DATABASE
@pytest.mark.parametrize(("task", "arguments"), [("nap", ("60",)), ("be_stubborn", ())])
def test_task_that_takes_too_long_costs_its_worker_and_nothing_else(
    task: str, arguments: tuple[str, ...], installation: Installation, tmp_path: Path
) -> None:
    with supervised(installation, patience=5) as worker:
        enqueue(installation, task, 1, str(tmp_path), *arguments, timeout=1)
        wait_until(lambda: marks(tmp_path, "started"), END_SECONDS)
        (started,) = marks(tmp_path, "started")
        slow = int(started.name.partition("-")[0])
        wait_until(lambda: slow not in worker.left(), END_SECONDS)
        wait_until(lambda: len(worker.processes("worker")) == WORKER_COUNT, END_SECONDS)
        enqueue(installation, "nap", 1, str(tmp_path), "0")
        wait_until(lambda: len(marks(tmp_path, "ended")) == 1, END_SECONDS)
        clusters = len(worker.lines("worker.cluster_started"))

    assert clusters == 1
