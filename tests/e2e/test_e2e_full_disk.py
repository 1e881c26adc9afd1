"""A log on a full disk: every line is refused, and the work goes on."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

from core.worker.processes import descendants, find
from tests.e2e.installation import Api, Installation, Web, copy_of
from tests.e2e.leases import let_leases_end
from tests.e2e.processes import Process, running
from tests.sinks import Sink, wait_until

pytestmark = pytest.mark.e2e
ARRIVAL_SECONDS = 60.0
# Every write to it fails with "No space left on device" (full(4)).
FULL = Path("/dev/full")


class Logless(Installation):
    """An installation whose processes write their logs to a full disk, through a buffer."""

    @contextmanager
    def worker(self) -> Iterator[Process]:
        with running(["manage.py", "worker"], self._variables, FULL) as process:
            yield process

    def _log(self, name: str) -> Path:
        return FULL


@pytest.fixture(scope="module")
def installation(
    prepared: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    copied = copy_of(prepared, tmp_path_factory.mktemp("logless"))
    # As on a server: what Python does not write at once it keeps, and tries again later.
    buffered = {"PYTHONUNBUFFERED": "", "LOG_LEVEL": "INFO"}
    yield Logless(copied.folder, copied.database, copied._variables | buffered, copied.credentials)
    copied.database.drop()


def children_of(number: int) -> list[int]:
    """Return the processes that a process has started itself."""
    found = {each: find(each) for each in descendants(number)}
    return [each for each, process in found.items() if process and process.parent == number]


def delivered(api: Api) -> int:
    """Return how many deliveries have been delivered, which all of them must be in the end."""
    return [state for _, state, _ in api.deliveries()].count("delivered")


@pytest.mark.skipif(connection.vendor == "postgresql", reason="the same on every database")
def test_orders_are_delivered_and_killed_workers_replaced(
    installation: Installation, web: Web, api: Api
) -> None:
    with Sink() as sink, installation.worker() as worker, api.subscribed(sink.url):
        refused = api.send("POST", "/records/order", {"data": {"number": 1}})
        missing = api.send("GET", "/nowhere")
        orders = [api.order("A-1")]
        wait_until(lambda: delivered(api) == 1, ARRIVAL_SECONDS)
        supervisor = worker._process.pid
        (sentinel,) = children_of(supervisor)
        for process in children_of(sentinel):
            with suppress(ProcessLookupError):  # the end of one may be the end of all
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: find(sentinel) is None, ARRIVAL_SECONDS)
        let_leases_end(installation)
        orders.append(api.order("A-2"))
        wait_until(lambda: delivered(api) == 2, ARRIVAL_SECONDS)
        os.kill(supervisor, signal.SIGTERM)
        exit_code = worker._process.wait(ARRIVAL_SECONDS)

    arrived = [json.loads(seen.body)["data"]["id"] for seen in sink.requests]
    assert (refused.status_code, missing.status_code) == (422, 404)
    assert arrived == [order["id"] for order in orders]
    assert exit_code == 0
