"""A real worker process, stopped and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django_q.models import OrmQ, Schedule

from core import schedules
from core.models import Event, Tenant
from tests.makers import make_event
from tests.parallel import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 90


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker in a process group of its own; nothing of it is left behind."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=os.environ | environment() | {"WORKER_PROCESSES": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(10)


def eventually(condition: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        if condition():
            return True
        time.sleep(0.1)
    return False


def all_dispatched() -> bool:
    return not Event.objects.filter(position=None).exists()


def test_worker_answers_wake_ups_and_stops_when_asked(tenant: Tenant) -> None:
    make_event(tenant)

    with worker() as process:
        first = eventually(all_dispatched)
        make_event(tenant)
        second = eventually(all_dispatched)

    assert (first, second) == (True, True)
    assert process.returncode == 0
    assert Schedule.objects.count() == len(schedules.ensure())


def test_events_outlive_a_killed_worker_and_a_lost_wake_up(tenant: Tenant) -> None:
    with worker() as process:
        assert eventually(Schedule.objects.exists)
        kill_group(process)
    make_event(tenant)
    OrmQ.objects.all().delete()

    with worker():
        dispatched = eventually(all_dispatched)

    assert dispatched
    assert Event.objects.get().position == 1
