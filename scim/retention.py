"""Erasing what a directory keeps no longer: tombstones, and the log of the identity provider.

Until then a tombstone tells the operators who was here. Its id is never given to anybody else.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from core import wakeups
from core.models import Tenant
from scim.models import ProvisioningEntry, Resource

BATCH_SIZE = 1_000
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=120)
ERASE_TASK = "scim.tasks.erase_expired"

logger = logging.getLogger(__name__)


def erase_expired(*, longest: timedelta = LONGEST_RUN) -> int:
    """Erase what is older than its tenant's ``retention_days``; return how many rows.

    In small statements. After ``longest`` the rest is left to a new task. Safe to run at any time,
    in several workers at once, and to kill.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    total = 0
    for tenant in Tenant.objects.filter(retention_days__gt=0).order_by("?"):
        before = timezone.now() - timedelta(days=tenant.retention_days or 0)
        erased = 0
        for count in _erased(tenant, before):
            erased += count
            if time.monotonic() >= ends_at:
                wakeups.wake(ERASE_TASK)
                break
        if erased:
            logger.info("scim.erased", extra={"tenant": tenant.id, "rows": erased})
        total += erased
        if time.monotonic() >= ends_at:
            break
    return total


def _erased(tenant: Tenant, before: datetime) -> Iterator[int]:
    """Erase a tenant's rows from before then, and yield how many each batch had."""
    tombstones: Any = Resource.objects.for_tenant(tenant).buried_before(before)
    entries: Any = ProvisioningEntry.objects.for_tenant(tenant).filter(happened_at__lt=before)
    yield from _deleted(tombstones)
    yield from _deleted(entries)


def _deleted(rows: models.QuerySet[models.Model]) -> Iterator[int]:
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE]):
        rows.filter(pk__in=keys).delete()
        yield len(keys)
