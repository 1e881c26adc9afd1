"""SIGKILL at the worst moment: the receiver has the request, and nobody has written it down."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from tests.makers import make_tenant
from tests.sinks import Answer, Sink
from tests.subscriptions import make_delivery, make_subscription

ROOT = Path(__file__).resolve().parent.parent.parent
LEASE = timedelta(seconds=2)
DRAIN = """
import json, sys
from datetime import timedelta
import django
django.setup()
from webhooks import delivery
from webhooks.models import Delivery
attempts = delivery.drain(lease=timedelta(seconds=float(sys.argv[1])))
rows = list(Delivery.objects.values_list("state", "attempts"))
print(json.dumps({"attempts": attempts, "deliveries": rows}))
"""


def start_worker(database: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "OUTBOUND_HTTPS_ONLY": "false",
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", DRAIN, str(LEASE.total_seconds())]
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE)


def finish(worker: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0
    report: dict[str, Any] = json.loads(output)
    return report


def shared_database(folder: Path) -> str:
    """Return the URL under which other processes find what this test has committed."""
    if connection.vendor == "sqlite":
        # The test's own database lives in memory, where no other process can look.
        with sqlite3.connect(folder / "shared.sqlite3") as copy:
            connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{folder / 'shared.sqlite3'}"
    given = connection.settings_dict
    login = quote(given["USER"]) + (f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else "")
    return f"postgres://{login}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_killed_worker_loses_nothing_and_the_repeat_carries_the_same_id(tmp_path: Path) -> None:
    with Sink([Answer(delay=60), Answer()]) as sink:
        delivery = make_delivery(make_subscription(make_tenant("acme"), sink.url))
        database = shared_database(tmp_path)

        worker = start_worker(database)
        first = sink.arrived.get(timeout=60)
        claimed_at = time.monotonic()
        worker.kill()
        worker.communicate()
        while_leased = finish(start_worker(database))
        time.sleep(max(0.0, claimed_at + LEASE.total_seconds() + 0.5 - time.monotonic()))
        after_lease = finish(start_worker(database))

    second = sink.arrived.get(timeout=1)
    assert while_leased in (
        {"attempts": 0, "deliveries": [["pending", 0]]},
        # A slow machine took longer to start the second worker than the lease lasts.
        {"attempts": 1, "deliveries": [["delivered", 1]]},
    )
    assert after_lease["deliveries"] == [["delivered", 1]]
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.id
    assert first.body == second.body
    assert len(sink.requests) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_delivery_once(tmp_path: Path) -> None:
    with Sink([Answer(delay=0.05)]) as sink:
        subscription = make_subscription(make_tenant("acme"), sink.url)
        ids = {make_delivery(subscription).id for _ in range(24)}
        database = shared_database(tmp_path)

        workers = [start_worker(database), start_worker(database)]
        reports = [finish(worker) for worker in workers]

    sent = [request.headers["webhook-id"] for request in sink.requests]
    assert len(sent) == 24
    assert set(sent) == ids
    assert sum(report["attempts"] for report in reports) == 24
