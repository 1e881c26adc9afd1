"""A wake-up that never comes: the clock finds the work."""

import pytest

from core.events import DISPATCH_TASK
from tests.e2e.installation import Api, Installation
from tests.sinks import Sink, wait_until
from webhooks.dispatch import DELIVER_TASK

pytestmark = pytest.mark.e2e
ARRIVAL_SECONDS = 60.0
# django-q2 looks every 30 seconds what is due.
LOOK_SECONDS = 30.0


def let_a_minute_pass(installation: Installation) -> None:
    """Have due now what is due every minute."""
    installation.database.run(
        "UPDATE django_q_schedule SET next_run = CURRENT_TIMESTAMP WHERE minutes = 1"
    )


def stop_the_clock(installation: Installation) -> None:
    """Have nothing due that runs by the clock, however long the test takes."""
    installation.database.run("UPDATE django_q_schedule SET next_run = '2100-01-01 00:00:00'")


def test_webhook_arrives_once_the_safety_net_is_due(installation: Installation, api: Api) -> None:
    database = installation.database

    with Sink() as sink, installation.worker(), api.subscribed(sink.url):
        stop_the_clock(installation)
        # Until now the queue has held what a worker does when it starts.
        wait_until(lambda: database.count("django_q_ormq") == 0, ARRIVAL_SECONDS)
        for task in (DISPATCH_TASK, DELIVER_TASK):
            database.run(f"DELETE FROM core_wakeup WHERE task = '{task}'")
            database.run(f"INSERT INTO core_wakeup (task, queued) VALUES ('{task}', true)")
        first = api.order("A-1")
        queued = database.count("django_q_ormq")
        undispatched = database.count("core_event", "position IS NULL")
        let_a_minute_pass(installation)
        caught = sink.arrived.get(timeout=LOOK_SECONDS + ARRIVAL_SECONDS)
        wait_until(
            lambda: [state for _, state, _ in api.deliveries()] == ["delivered"], ARRIVAL_SECONDS
        )

        # The safety net has also set the wake-ups right: the next webhook does not wait for it.
        stop_the_clock(installation)
        second = api.order("A-2")
        woken = sink.arrived.get(timeout=ARRIVAL_SECONDS)

    assert (queued, undispatched) == (0, 1)
    assert first["id"].encode() in caught.body
    assert second["id"].encode() in woken.body
    assert len(sink.requests) == 2


def test_safety_net_runs_every_minute_for_ever(installation: Installation) -> None:
    with installation.worker():
        rows = installation.database.run(
            "SELECT func, schedule_type, minutes, repeats FROM django_q_schedule"
            " WHERE schedule_type = 'I' ORDER BY func"
        )

    assert rows == [(DISPATCH_TASK, "I", 1, -1), (DELIVER_TASK, "I", 1, -1)]
