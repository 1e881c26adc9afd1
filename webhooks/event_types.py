"""The event types that webhooks publish themselves, for the catalogue."""

from collections.abc import Sequence

from core.models import Tenant
from core.types import EventTypeInfo

SUBSCRIPTION_DISABLED = "webhook.subscription.disabled"
SUBSCRIPTION_FAILING = "webhook.subscription.failing"


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return what the catalogue says of them; the same for every tenant."""
    text = {"type": "string"}
    return [
        EventTypeInfo(
            name=SUBSCRIPTION_DISABLED,
            description="A subscription was switched off: its receiver answered 410 Gone, or has"
            " failed for too long.",
            schema={
                "type": "object",
                "required": ["id", "name", "reason"],
                "properties": {"id": text, "name": text, "reason": text},
            },
            example={
                "id": "sub_01jd3k8x5rf0bv6zq2n9y4t7hm",
                "name": "Notify the warehouse",
                "reason": "the receiver answered 410 Gone",
            },
            source="system",
        ),
        EventTypeInfo(
            name=SUBSCRIPTION_FAILING,
            description="The receiver of a subscription has been failing; if it goes on, the"
            " subscription will be switched off.",
            schema={
                "type": "object",
                "required": ["id", "name", "failing_since", "failures", "disabled_at"],
                "properties": {
                    "id": text,
                    "name": text,
                    "failing_since": {"type": "string", "format": "date-time"},
                    "failures": {"type": "integer"},
                    "disabled_at": {"type": "string", "format": "date-time"},
                },
            },
            example={
                "id": "sub_01jd3k8x5rf0bv6zq2n9y4t7hm",
                "name": "Notify the warehouse",
                "failing_since": "2026-03-05T10:00:00+00:00",
                "failures": 184,
                "disabled_at": "2026-03-10T10:00:00+00:00",
            },
            source="system",
        ),
    ]
