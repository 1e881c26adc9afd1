"""A wake-up that never comes: the clock finds the work."""

import time

import pytest

from core.events import DISPATCH_TASK
from tests.e2e.installation import Api, Installation
from tests.sinks import Sink, wait_until
from webhooks.dispatch import DELIVER_TASK

pytestmark = pytest.mark.e2e
# Each task of the safety net is due every minute; django-q2 looks every 30 seconds what is due.
SAFETY_NET_SECONDS = 60 + 30


def test_webhook_arrives_within_the_period_of_the_safety_net(
    installation: Installation, api: Api
) -> None:
    database = installation.database

    with Sink() as sink, installation.worker(), api.subscribed(sink.url):
        # Until now the queue has held what a worker does when it starts.
        wait_until(lambda: database.count("django_q_ormq") == 0, 30)
        for task in (DISPATCH_TASK, DELIVER_TASK):
            database.run(f"DELETE FROM core_wakeup WHERE task = '{task}'")
            database.run(f"INSERT INTO core_wakeup (task, queued) VALUES ('{task}', true)")
        committed_at = time.monotonic()
        api.order("A-1")
        queued = database.count("django_q_ormq")
        undispatched = database.count("core_event", "position IS NULL")
        seen = sink.arrived.get(timeout=SAFETY_NET_SECONDS + 10)
        wait_until(lambda: [state for _, state, _ in api.deliveries()] == ["delivered"], 30)

        second = api.order("A-2")
        woken = sink.arrived.get(timeout=10)

    assert (queued, undispatched) == (0, 1)
    assert seen.at - committed_at < SAFETY_NET_SECONDS
    # The safety net has also set the wake-ups right: the next webhook does not wait for it.
    assert second["id"].encode() in woken.body
    assert len(sink.requests) == 2


def test_safety_net_runs_every_minute_for_ever(installation: Installation) -> None:
    with installation.worker():
        rows = installation.database.run(
            "SELECT func, schedule_type, minutes, repeats FROM django_q_schedule"
            " WHERE schedule_type = 'I' ORDER BY func"
        )

    assert rows == [(DISPATCH_TASK, "I", 1, -1), (DELIVER_TASK, "I", 1, -1)]
