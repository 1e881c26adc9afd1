"""What runs by the clock, and what it clears away."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule
from oauth2_provider.models import AccessToken

from core import schedules, services, tasks
from core.models import IdempotencyKey, RateBucket, Tenant
from core.throttling import take
from core.types import Actor
from tests.parallel import in_threads

NOW = timezone.now()
HOUR = timedelta(hours=1)


def rows() -> list[tuple[str, str, int | None, int]]:
    fields = ("func", "schedule_type", "minutes", "repeats")
    return list(Schedule.objects.order_by("id").values_list(*fields))


@pytest.mark.django_db
def test_each_task_of_the_settings_has_one_row(settings: LazySettings) -> None:
    schedules.ensure()
    schedules.ensure()

    assert rows() == [
        *[(task, Schedule.MINUTES, 1, -1) for task in settings.SAFETY_NET_TASKS],
        *[(task, Schedule.HOURLY, None, -1) for task in settings.HOURLY_TASKS],
    ]


@pytest.mark.django_db
def test_every_scheduled_task_can_be_imported() -> None:
    scheduled = schedules.ensure()

    assert all(callable(import_string(task)) for task in scheduled)


@pytest.mark.django_db(transaction=True)
def test_workers_that_start_at_once_make_one_row_each(settings: LazySettings) -> None:
    in_threads(6, lambda number: schedules.ensure())

    expected = len(settings.SAFETY_NET_TASKS) + len(settings.HOURLY_TASKS)
    assert Schedule.objects.count() == expected


@pytest.mark.django_db
def test_changed_doubled_and_obsolete_rows_are_put_right(settings: LazySettings) -> None:
    settings.SAFETY_NET_TASKS = ["core.tasks.dispatch_events"]
    settings.HOURLY_TASKS = []
    name = "patchbay: core.tasks.dispatch_events"
    kept = Schedule.objects.create(name=name, func="gone", schedule_type="D", repeats=3)
    Schedule.objects.create(name=name, func="gone")
    Schedule.objects.create(name="patchbay: gone.task", func="gone.task")
    Schedule.objects.create(name="nightly report", func="theirs.report")

    schedules.ensure()

    kept.refresh_from_db()
    assert (kept.func, kept.schedule_type, kept.minutes, kept.repeats) == (
        "core.tasks.dispatch_events",
        Schedule.MINUTES,
        1,
        -1,
    )
    names = Schedule.objects.values_list("name", flat=True)
    assert sorted(names) == ["nightly report", name]


def remember(tenant: Tenant, key: str, expires_at: datetime) -> None:
    IdempotencyKey.objects.create(
        tenant=tenant, credential="key", key=key, fingerprint="", expires_at=expires_at
    )


def test_what_is_over_is_forgotten_and_nothing_else(
    tenant: Tenant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BATCH_SIZE", 2)
    client = services.create_api_client(
        tenant, name="c", scopes=["events:read"], actor=actor
    ).client
    for number in range(5):
        remember(tenant, f"over-{number}", NOW - HOUR)
        take(f"full-{number}", limit=1, window=HOUR, now=NOW - 2 * HOUR)
    remember(tenant, "kept", NOW + HOUR)
    take("kept", limit=1, window=HOUR, now=NOW)
    for name, expires_at in (("over", NOW - HOUR), ("kept", NOW + HOUR)):
        Session.objects.create(session_key=name, session_data="", expire_date=expires_at)
        AccessToken.objects.create(application=client, token=name, expires=expires_at, scope="")

    forgotten = tasks.expire_requests()

    assert forgotten == 5 + 5 + 1
    assert [row.key for row in IdempotencyKey.objects.all()] == ["kept"]
    assert [row.name for row in RateBucket.objects.all()] == ["kept"]
    assert [row.session_key for row in Session.objects.all()] == ["kept"]
    assert AccessToken.objects.count() == 1
    assert tasks.expire_requests() == 0
