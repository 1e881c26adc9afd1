"""How the receiver of a subscription is doing, on the pages of the subscription."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from core.admin.decorators import display
from webhooks.breaker import Circuit
from webhooks.models import Lane, Subscription

# Of each label: its color.
LABELS = {"well": "success", "failing": "warning", "trying again": "warning", "paused": "danger"}


def label_of(lane: Lane, now: datetime) -> str:
    """Return one or two words for the state of a receiver, one of LABELS."""
    circuit = lane.circuit(now)
    if circuit == Circuit.OPEN:
        return "paused"
    if circuit == Circuit.HALF_OPEN:
        return "trying again"
    return "failing" if lane.failures else "well"


def health_of(row: Subscription, now: datetime) -> SafeString:
    """Return in sentences how the receiver of a subscription is doing."""
    context: dict[str, Any] = {
        "subscription": row,
        "lane": row.lane,
        "circuit": str(row.lane.circuit(now)),
        "now": now,
        "paused": row.lane.paused_until is not None and row.lane.paused_until > now,
    }
    html = render_to_string("webhooks/health.html", context)
    return mark_safe(html)  # noqa: S308  # the template has escaped what is in it


class HealthColumns:
    """What the admin of subscriptions shows of their lanes, which it must have loaded."""

    @display(description="receiver", label=LABELS)
    def receiver(self, row: Subscription) -> str:
        return label_of(row.lane, timezone.now())

    @display(description="receiver")
    def health_table(self, row: Subscription) -> SafeString:
        return health_of(row, timezone.now())
