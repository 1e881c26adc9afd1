"""What the workers run for core."""

from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone
from oauth2_provider.models import clear_expired

from core import events, wakeups
from core.models import IdempotencyKey, RateBucket

BATCH_SIZE = 1000


def dispatch_events() -> int:
    """Hand out every event that waits."""
    wakeups.answered(events.DISPATCH_TASK)
    return events.dispatch()


def expire_requests() -> int:
    """Forget what is over: remembered answers, unused rate limits, tokens and sign-ins.

    Returns how many rows went. Safe to run at any time, in several workers at once.
    """
    now = timezone.now()
    forgotten = (
        _delete_in_batches(IdempotencyKey.objects.expired(now))
        + _delete_in_batches(RateBucket.objects.full(now))
        + _delete_in_batches(Session.objects.filter(expire_date__lt=now))
    )
    clear_expired()
    return forgotten


def _delete_in_batches(rows: models.QuerySet[models.Model]) -> int:
    """Delete ``rows`` in many short statements, so that nobody waits long for a lock.

    The condition is asked again by each statement: a row in use again by then stays.
    """
    total = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH_SIZE]):
        deleted, _ = rows.filter(pk__in=keys).delete()
        if not deleted:
            break
        total += deleted
    return total
