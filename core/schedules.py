"""The tasks that run by the clock, kept in django-q2's own table.

``settings.SAFETY_NET_TASKS`` run every minute and ``settings.HOURLY_TASKS`` every hour. Rows that
staff add in the admin are left alone.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from core.models import Wakeup

# Tells our rows from those of staff.
MARK = "patchbay: "
LOCK = "core.schedules.ensure"


def ensure() -> list[str]:
    """Make the table hold exactly one row for each task of the settings; return the tasks.

    Safe to call by many workers at once: they take turns.
    """
    with transaction.atomic():
        _take_turn()
        every_minute = {"schedule_type": Schedule.MINUTES, "minutes": 1}
        for task in settings.SAFETY_NET_TASKS:
            _ensure(task, **every_minute)
        for task in settings.HOURLY_TASKS:
            _ensure(task, schedule_type=Schedule.HOURLY, minutes=None)
        tasks = [*settings.SAFETY_NET_TASKS, *settings.HOURLY_TASKS]
        _remove_all_but(tasks)
    return tasks


def catch_up() -> None:
    """Queue the safety net once, for what a worker that was killed has left behind.

    The clock would find it too, but django-q2 looks at the clock only 30 seconds after its start.
    """
    for task in settings.SAFETY_NET_TASKS:
        async_task(task)


def _take_turn() -> None:
    """Wait for other workers that are here. SQLite has let only one of them begin at all."""
    Wakeup.objects.bulk_create([Wakeup(task=LOCK)], ignore_conflicts=True)
    if connection.features.has_select_for_update:
        Wakeup.objects.select_for_update().get(task=LOCK)


def _ensure(task: str, *, schedule_type: str, minutes: int | None) -> None:
    rows = Schedule.objects.filter(name=MARK + task)
    first = rows.order_by("id").first()
    if first is None:
        Schedule.objects.create(
            name=MARK + task,
            func=task,
            schedule_type=schedule_type,
            minutes=minutes,
            repeats=-1,
            next_run=timezone.now(),
        )
        return
    rows.exclude(id=first.id).delete()
    rows.update(func=task, schedule_type=schedule_type, minutes=minutes, repeats=-1)


def _remove_all_but(tasks: Iterable[str]) -> None:
    names = [MARK + task for task in tasks]
    Schedule.objects.filter(name__startswith=MARK).exclude(name__in=names).delete()
