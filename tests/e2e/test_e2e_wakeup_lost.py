"""A wake-up that never comes: the clock finds the work."""

import pytest
from django.conf import settings

from tests.e2e.installation import Api, Installation
from tests.sinks import Sink, wait_until

pytestmark = pytest.mark.e2e
ARRIVAL_SECONDS = 60.0


def let_a_minute_pass(installation: Installation) -> None:
    """Have due now what is due every minute."""
    installation.database.run(
        "UPDATE django_q_schedule SET next_run = CURRENT_TIMESTAMP WHERE minutes = 1"
    )


def lose_wake_ups(installation: Installation) -> None:
    """Have everybody believe that workers have been woken, while none has."""
    installation.database.run("DELETE FROM django_q_ormq")
    installation.database.run("UPDATE core_wakeup SET queued = true, attended_until = NULL")


def test_webhook_arrives_once_the_safety_net_is_due(installation: Installation, api: Api) -> None:
    database = installation.database
    with installation.worker():
        scheduled = database.count("django_q_schedule", "minutes = 1")

    with Sink() as sink, api.subscribed(sink.url):
        lose_wake_ups(installation)
        order = api.order("A-1")
        queued = database.count("django_q_ormq")
        undispatched = database.count("core_event", "position IS NULL")
        let_a_minute_pass(installation)
        with installation.cluster():
            caught = sink.arrived.get(timeout=ARRIVAL_SECONDS)
            wait_until(
                lambda: [state for _, state, _ in api.deliveries()] == ["delivered"],
                ARRIVAL_SECONDS,
            )

    assert (scheduled > 0, queued, undispatched) == (True, 0, 1)
    assert order["id"].encode() in caught.body
    assert len(sink.requests) == 1


def test_worker_that_stays_needs_no_wake_up(installation: Installation, api: Api) -> None:
    with Sink() as sink, installation.worker(), api.subscribed(sink.url):
        api.order("B-1")
        sink.arrived.get(timeout=ARRIVAL_SECONDS)
        # Nobody is called from now on.
        installation.database.run(
            "UPDATE core_wakeup SET queued = true, attended_until = '2100-01-01 00:00:00'"
            " WHERE task NOT LIKE '%#%'"
        )
        order = api.order("B-2")
        seen = sink.arrived.get(timeout=ARRIVAL_SECONDS)

    assert order["id"].encode() in seen.body


def test_safety_net_runs_every_minute_for_ever(installation: Installation) -> None:
    with installation.worker():
        rows = installation.database.run(
            "SELECT func, schedule_type, minutes, repeats FROM django_q_schedule"
            " WHERE schedule_type = 'I' ORDER BY func"
        )

    assert [task for task, *_ in rows] == sorted(settings.SAFETY_NET_TASKS)
    assert {tuple(rest) for _, *rest in rows} == {("I", 1, -1)}
