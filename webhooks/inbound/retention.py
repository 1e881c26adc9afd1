"""Erasing what was received and refused longer ago than it is kept.

The rows of messages stay, with what became of them and what tells their repeats: only what the
sender wrote goes.
"""

from datetime import datetime, timedelta
from typing import Any

from core.models import Tenant
from webhooks.inbound.refusals import KEPT_FOR
from webhooks.models import Message, Refusal

BATCH_SIZE = 1_000


def erase_bodies(tenant: Tenant, before: datetime) -> int:
    """Erase a batch of what a tenant received before then; return how many messages it was.

    What has not become an event yet stays until it has.
    """
    rows: Any = Message.objects.for_tenant(tenant).exclude(state=Message.State.RECEIVED)
    old = rows.filter(received_at__lt=before, body__isnull=False).order_by("received_at")
    ids = list(old.values_list("pk", flat=True)[:BATCH_SIZE])
    # The trace names the address, too.
    erased: int = rows.filter(pk__in=ids).update(
        body=None, headers=[], query="", ip_address=None, trace=[]
    )
    return erased


def erase_refusals(now: datetime, kept_for: timedelta = KEPT_FOR) -> int:
    """Erase a batch of what was refused long ago; return how many rows it was."""
    old: Any = Refusal.objects.older_than(now - kept_for).order_by("hour")
    ids = list(old.values_list("pk", flat=True)[:BATCH_SIZE])
    erased: int = Refusal.objects.filter(pk__in=ids).delete()[0]
    return erased
