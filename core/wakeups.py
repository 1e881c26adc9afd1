"""Telling the workers that there is work.

A wake-up carries nothing: what there is to do stands in the tables. So a lost wake-up costs time
(until ``settings.SAFETY_NET_TASKS`` run, every minute) and never work, and one that comes twice
costs nothing.

A worker may stay for its work and attend to it. Then a commit only rings its bell, which takes
milliseconds, where a task in the queue takes a moment to be found.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from core.bells import CHANNEL
from core.models import Wakeup
from core.sql import moment_value, on_postgresql, run

ATTENDANCE = timedelta(seconds=5)
# What is attended for longer was written by a worker whose clock was ahead. One that lives writes
# again within a second.
LONGEST_ATTENDANCE = timedelta(minutes=1)


def wake(task: str) -> None:
    """Have ``task`` run soon after the current transaction has committed.

    ``task`` is the dotted path of a function without arguments. Wake-ups that are still waiting
    in the queue are joined by later ones.
    """
    # robust: the change is committed; a wake-up that cannot be queued must not look like a failure
    transaction.on_commit(lambda: _call(task), robust=True)


def answered(task: str) -> None:
    """Say that ``task`` has started: what is committed from now on needs a wake-up of its own.

    The task must call this first, before it looks for work. Run by the safety net it also repairs
    the flag of a wake-up whose place in the queue was lost.
    """
    Wakeup.objects.filter(task=task, queued=True).update(queued=False)


def attend(tasks: Collection[str]) -> None:
    """Say that this worker waits for the work of ``tasks`` for the next seconds, by a Bell."""
    until = timezone.now() + ATTENDANCE
    rows = [Wakeup(task=task, attended_until=until) for task in tasks]
    Wakeup.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["task"], update_fields=["attended_until"]
    )


def take_seat(task: str, seats: int) -> str | None:
    """Become one of at most ``seats`` workers that stay for ``task``.

    Returns the seat, which ``attend`` must be told every second; None when all of them are taken.
    """
    now = timezone.now()
    for seat in _seats(task, seats):
        Wakeup.objects.bulk_create([Wakeup(task=seat)], ignore_conflicts=True)
        if _free(seat, now).update(attended_until=now + ATTENDANCE):
            return seat
    return None


def leave_seat(seat: str) -> None:
    """Make room for the next worker."""
    Wakeup.objects.filter(task=seat).update(attended_until=None)


def has_free_seat(task: str, seats: int) -> bool:
    """Say whether one more worker could stay for ``task``."""
    now = timezone.now()
    rows = Wakeup.objects.filter(task__in=_seats(task, seats))
    moments = rows.values_list("attended_until", flat=True)
    return sum(_attended(moment, now) for moment in moments) < seats


def _free(seat: str, now: datetime) -> QuerySet[Wakeup]:
    free = (
        Q(attended_until=None)
        | Q(attended_until__lte=now)
        | Q(attended_until__gt=now + LONGEST_ATTENDANCE)
    )
    rows: QuerySet[Wakeup] = Wakeup.objects.filter(free, task=seat)
    return rows


def _attended(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until <= now + LONGEST_ATTENDANCE


def _seats(task: str, seats: int) -> list[str]:
    return [f"{task} #{number}" for number in range(1, seats + 1)]


def _call(task: str) -> None:
    queued, attended = _ring(task, timezone.now())
    if not attended and not queued:
        call(task)


# Both in one statement, as every commit that is work for somebody asks and rings. SQLite needs no
# bell: its listeners see every commit.
_RING = """SELECT queued, attended_until > %s AND attended_until <= %s,
 CASE WHEN attended_until > %s AND attended_until <= %s THEN pg_notify(%s, '')::text END
 FROM core_wakeup WHERE task = %s"""
_LOOK = (
    "SELECT queued, attended_until > %s AND attended_until <= %s FROM core_wakeup WHERE task = %s"
)


def _ring(task: str, now: datetime) -> tuple[bool, bool]:
    """Call whoever attends to the work of a task; return whether it is queued, and is attended to."""
    span = [moment_value(now), moment_value(now + LONGEST_ATTENDANCE)]
    rows = (
        run(_RING, [*span, *span, CHANNEL, task]) if on_postgresql() else run(_LOOK, [*span, task])
    )
    return (bool(rows[0][0]), bool(rows[0][1])) if rows else (False, False)


def call(task: str) -> None:
    """Queue ``task`` unless it waits there already, also while somebody attends to its work."""
    with transaction.atomic():
        Wakeup.objects.bulk_create([Wakeup(task=task)], ignore_conflicts=True)
        if Wakeup.objects.filter(task=task, queued=False).update(queued=True):
            async_task(task)
