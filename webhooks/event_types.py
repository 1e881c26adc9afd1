"""The event types that webhooks publish themselves, for the catalogue."""

from collections.abc import Sequence

from core.models import Tenant
from core.types import EventTypeInfo

SUBSCRIPTION_DISABLED = "webhook.subscription.disabled"


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return what the catalogue says of them; the same for every tenant."""
    text = {"type": "string"}
    return [
        EventTypeInfo(
            name=SUBSCRIPTION_DISABLED,
            description="A subscription was switched off: its receiver answered 410 Gone.",
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
        )
    ]
