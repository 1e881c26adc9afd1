"""The numbers of the dashboard, each one bounded in what it reads.

Ids begin with the time at which they were made, so "since yesterday" is a range of the primary key
or of an index that ends in the id: no query reads a whole table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour

from core.ids import PrefixedIdField, encode
from core.models import ApiClient, ApiKey, Event, Tenant
from monitoring.models import ApiCall
from records.models import RecordType
from webhooks.models import Delivery, Subscription

WINDOW = timedelta(hours=24)
LATENCY_SAMPLE = 2_000
MOST_COUNTED = 1_000
FAILURES_SHOWN = 5


class FirstStep(StrEnum):
    """What has to be there before the first webhook can go out, in the order of doing it."""

    TENANT = "tenant"
    RECORD_TYPE = "record_type"
    SUBSCRIPTION = "subscription"
    CREDENTIAL = "credential"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What became of the deliveries that one hour brought."""

    starts_at: datetime
    delivered: int = 0
    pending: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The last 24 hours. ``waiting`` and ``dead_letters`` count whatever there is, to 1,000.

    Latencies run from the event to the acknowledgement; None when nothing was delivered.
    """

    events: int
    delivered: int
    pending: int
    dead: int
    waiting: int
    dead_letters: int
    p50: timedelta | None
    p95: timedelta | None
    calls: int
    refused_calls: int
    failed_calls: int
    hours: Sequence[Hour]
    failures: Sequence[Delivery]

    @property
    def success_rate(self) -> float | None:
        """The share of finished deliveries that arrived, in percent."""
        finished = self.delivered + self.dead
        return 100 * self.delivered / finished if finished else None


def figures(tenant_id: str | None, now: datetime) -> Figures:
    """Return the figures of one tenant, or of all of them when ``tenant_id`` is None."""
    since = now - WINDOW
    deliveries = _of(Delivery.objects.all(), tenant_id)
    recent = _since(deliveries, since)
    states = dict(recent.order_by().values_list("state").annotate(Count("pk")))
    calls = _since(_of(ApiCall.objects.all(), tenant_id), since).aggregate(
        all=Count("pk"),
        refused=Count("pk", filter=Q(status_code__gte=400, status_code__lt=500)),
        failed=Count("pk", filter=Q(status_code__gte=500)),
    )
    p50, p95 = _latencies(recent)
    return Figures(
        events=_since(_of(Event.objects.all(), tenant_id), since).count(),
        delivered=states.get(Delivery.State.DELIVERED, 0),
        pending=states.get(Delivery.State.PENDING, 0),
        dead=states.get(Delivery.State.DEAD, 0),
        waiting=_up_to_most(deliveries.filter(state=Delivery.State.PENDING)),
        dead_letters=_up_to_most(deliveries.filter(state=Delivery.State.DEAD)),
        p50=p50,
        p95=p95,
        calls=calls["all"],
        refused_calls=calls["refused"],
        failed_calls=calls["failed"],
        hours=_hours(recent, now),
        failures=_latest_dead(deliveries),
    )


def _latest_dead(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    """Return the dead among the latest deliveries, the one that died last in front."""
    rows = (
        deliveries.filter(state=Delivery.State.DEAD)
        .select_related("subscription", "event", "tenant")
        .defer("event__data", "event__actor", "subscription__headers")[:FAILURES_SHOWN]
    )
    return sorted(rows, key=lambda row: row.finished_at or row.created_at, reverse=True)


def first_steps(tenant_id: str | None) -> Mapping[FirstStep, bool]:
    """Return what is done of the first steps."""
    credential = (
        _of(ApiKey.objects.all(), tenant_id).exists()
        or _of(ApiClient.objects.all(), tenant_id).exists()
    )
    return {
        FirstStep.TENANT: Tenant.objects.exists(),
        FirstStep.RECORD_TYPE: _of(RecordType.objects.all(), tenant_id).exists(),
        FirstStep.SUBSCRIPTION: _of(Subscription.objects.all(), tenant_id).exists(),
        FirstStep.CREDENTIAL: credential,
        FirstStep.EVENT: _of(Event.objects.all(), tenant_id).exists(),
    }


def first_id_at(prefix: str, moment: datetime) -> str:
    """Return the lowest id that can have been made at ``moment`` (RFC 9562, 5.7)."""
    milliseconds = int(moment.timestamp() * 1000)
    return encode(prefix, UUID(int=milliseconds << 80))


def percentile(values: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the value that ``share`` (0 to 1) of the sorted ``values`` do not pass."""
    if not values:
        return None
    return values[min(len(values) - 1, int(share * len(values)))]


def _of(rows: QuerySet[Any], tenant_id: str | None) -> QuerySet[Any]:
    return rows if tenant_id is None else rows.filter(tenant_id=tenant_id)


def _since(rows: QuerySet[Any], moment: datetime) -> QuerySet[Any]:
    field = rows.model._meta.get_field("id")  # noqa: SLF001  # Django's API
    if not isinstance(field, PrefixedIdField):
        raise TypeError(f"{rows.model.__name__} has ids that do not tell the time")
    return rows.filter(id__gte=first_id_at(field.prefix, moment))


def _up_to_most(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: MOST_COUNTED + 1].count()


def _latencies(recent: QuerySet[Any]) -> tuple[timedelta | None, timedelta | None]:
    """Return the median and the 95th percentile of the latest deliveries."""
    rows = recent.filter(state=Delivery.State.DELIVERED).order_by("-id")
    moments = rows.values_list("created_at", "finished_at")[:LATENCY_SAMPLE]
    spans = sorted(finished - created for created, finished in moments)
    return percentile(spans, 0.5), percentile(spans, 0.95)


def _hours(recent: QuerySet[Any], now: datetime) -> list[Hour]:
    rows = (
        recent.order_by()
        .annotate(hour=TruncHour("created_at"))
        .values_list("hour", "state")
        .annotate(number=Count("pk"))
    )
    counts = {(hour, state): number for hour, state, number in rows}
    latest = now.replace(minute=0, second=0, microsecond=0)
    starts = [latest - timedelta(hours=back) for back in reversed(range(24))]
    return [
        Hour(
            starts_at=start,
            delivered=counts.get((start, Delivery.State.DELIVERED), 0),
            pending=counts.get((start, Delivery.State.PENDING), 0),
            dead=counts.get((start, Delivery.State.DEAD), 0),
        )
        for start in starts
    ]
