"""Settling everybody of a directory anew, after roles or the directory itself have changed.

In batches, each a transaction that writes down how far it has come: whoever is killed is followed by
the next, who goes on from there.
"""

import time
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from core import wakeups
from core.ids import decode
from core.models import Tenant
from core.types import Actor, ActorKind
from scim.access.settling import settle
from scim.filters.columns import ID_PREFIX
from scim.models import Directory, Resource

TASK = "scim.tasks.settle_access"
BATCH_SIZE = 500
LONGEST_RUN = timedelta(seconds=120)
SYSTEM = Actor(kind=ActorKind.SYSTEM, id=TASK, label="roles have changed", correlation_id="")


def begin(tenant: Tenant) -> None:
    """Have everybody's access settled anew, from the first user on, after the current transaction."""
    Directory.objects.for_tenant(tenant).update(settling=True, settled_up_to=None)
    wakeups.wake(TASK)


def go_on(*, longest: timedelta = LONGEST_RUN) -> int:
    """Settle what has been begun; return how many users were looked at.

    Safe to run at any time, in several workers at once, and to kill. After ``longest`` the rest is left
    to a new task.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    total = 0
    for directory in Directory.objects.filter(settling=True).order_by("?"):
        while count := _next(directory.id):
            total += count
            if time.monotonic() >= ends_at:
                wakeups.wake(TASK)
                return total
    return total


@transaction.atomic
def _next(identity: str) -> int:
    """Settle the next users of a directory; return how many, 0 when all are."""
    directory = (
        Directory.objects.select_for_update(no_key=True)
        .select_related("tenant")
        .filter(pk=identity, settling=True)
        .first()
    )
    if directory is None:
        return 0
    keys = _after(directory)
    settle(directory.tenant, keys, SYSTEM)
    directory.settled_up_to = keys[-1] if keys else None
    directory.settling = bool(keys)
    directory.save(update_fields=["settled_up_to", "settling"])
    return len(keys)


def _after(directory: Directory) -> list[UUID]:
    users = Resource.objects.for_tenant(directory.tenant).filter(kind=Resource.Kind.USER)
    if directory.settled_up_to is not None:
        users = users.filter(pk__gt=directory.settled_up_to)
    rows = users.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]
    return [decode(ID_PREFIX, str(pk)) for pk in rows]
