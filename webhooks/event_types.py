"""The event types that webhooks publish themselves, for the catalogue."""

from collections.abc import Sequence

from core.models import Tenant
from core.types import EventTypeInfo, Json
from webhooks.inbound import naming
from webhooks.models import Endpoint

SUBSCRIPTION_DISABLED = "webhook.subscription.disabled"
SUBSCRIPTION_FAILING = "webhook.subscription.failing"

RECEIVED_SCHEMA: dict[str, Json] = {
    "type": "object",
    "required": ["message", "endpoint", "method", "query", "headers", "format", "body"],
    "properties": {
        "message": {"type": "string"},
        "endpoint": {"type": "string"},
        "method": {"type": "string"},
        "query": {"type": "string"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "format": {"enum": ["json", "form", "text", "base64", "none"]},
        "body": {},
    },
}
RECEIVED_EXAMPLE: dict[str, Json] = {
    "message": "msg_01jd3k8x5rf0bv6zq2n9y4t7hm",
    "endpoint": "code",
    "method": "POST",
    "query": "",
    "headers": {"content-type": "application/json", "x-github-event": "push"},
    "format": "json",
    "body": {"ref": "refs/heads/main"},
}


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return what the catalogue says of them, and of what the tenant's endpoints receive."""
    return [*_of_subscriptions(), *_of_endpoints(tenant)]


def _of_endpoints(tenant: Tenant) -> list[EventTypeInfo]:
    """Return one type for each endpoint; its sender names the others, as they come."""
    slugs = Endpoint.objects.for_tenant(tenant).values_list("slug", "name", named=True)
    return [
        EventTypeInfo(
            name=f"{naming.PREFIX}.{row.slug}.{naming.DEFAULT}",
            description=f"The endpoint {row.name} has received a webhook. Where its sender names the"
            f" kind of event, that stands in the place of {naming.DEFAULT};"
            f" {naming.PREFIX}.{row.slug}.* stands for all of them.",
            schema=RECEIVED_SCHEMA,
            example=RECEIVED_EXAMPLE | {"endpoint": row.slug},
            source="system",
        )
        for row in slugs
    ]


def _of_subscriptions() -> list[EventTypeInfo]:
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
