"""The event types that webhooks publish themselves, for the catalogue."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.models import Tenant
from core.types import EventTypeInfo, Json
from webhooks.inbound import arrival, contents, naming
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, Message

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
        "sample": {"const": True},
    },
}
# Of so many messages it is looked up what they became.
MESSAGES_ASKED = 1_000


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return what the catalogue says of them, and of what the tenant's endpoints receive."""
    return [*_of_subscriptions(), *_of_endpoints(tenant)]


def _of_endpoints(tenant: Tenant) -> Iterator[EventTypeInfo]:
    """Yield what endpoints have received of late; of others, what their sender could send."""
    rows: Any = Message.objects.for_tenant(tenant).exclude(event_type="")
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for key, name in rows.values_list("endpoint_id", "event_type").order_by("-id")[:MESSAGES_ASKED]:
        seen[key].add(name)
    for endpoint in Endpoint.objects.for_tenant(tenant):
        example = _example(endpoint)
        for name in sorted(seen[endpoint.pk]) or [_type_of_sample(endpoint, example)]:
            yield EventTypeInfo(
                name=name,
                description=f"The endpoint {endpoint.name} has received a webhook, of a kind that"
                " its sender names.",
                schema=RECEIVED_SCHEMA,
                example=example,
                source="system",
                family=f"{naming.PREFIX}.{endpoint.slug}.*",
            )


def _example(endpoint: Endpoint) -> dict[str, Json]:
    scheme = SCHEMES[endpoint.scheme]
    headers: dict[str, Json] = {**scheme.sample.headers}
    content = contents.read(scheme.sample.headers, scheme.sample.body)
    return {
        "message": "msg_01jd3k8x5rf0bv6zq2n9y4t7hm",
        "endpoint": endpoint.slug,
        "method": endpoint.methods[0],
        "query": "",
        "headers": headers,
        "format": content.format,
        "body": content.value,
    }


def _type_of_sample(endpoint: Endpoint, example: Mapping[str, Json]) -> str:
    scheme = SCHEMES[endpoint.scheme]
    selector = endpoint.event_type or scheme.event_type
    kind = arrival.type_of(selector, scheme.sample.headers, example["body"])
    return naming.event_type(endpoint.slug, kind)


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
