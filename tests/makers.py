"""Builders of what tests start from."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from core import events, services
from core.models import ApiKey, ConfigValue, Event, EventType, Tenant
from core.types import Actor, ActorKind, Json

SCOPES = (
    "records:read",
    "records:write",
    "record-types:write",
    "events:read",
    "events:write",
    "webhooks:read",
    "webhooks:write",
    "config:read",
    "config:write",
    "api-keys:read",
    "api-keys:write",
    "scim:read",
    "scim:write",
)


def make_actor() -> Actor:
    return Actor(
        kind=ActorKind.SYSTEM, id="test", label="a test", correlation_id="cor-1", request_id="req-1"
    )


def make_tenant(slug: str) -> Tenant:
    tenant: Tenant = Tenant.objects.create(slug=slug, name=slug.title())
    return tenant


def make_key(tenant: Tenant, *scopes: str) -> str:
    """Return the secret of a new key with ``scopes`` (all of them when none is named)."""
    new = services.create_api_key(
        tenant, name="test key", scopes=scopes or SCOPES, actor=make_actor()
    )
    return new.secret


def make_key_row(tenant: Tenant, *scopes: str) -> ApiKey:
    """Return a new key itself, for tests that look at it rather than use it."""
    make_key(tenant, *scopes)
    key: ApiKey = ApiKey.objects.for_tenant(tenant).latest("id")
    return key


def make_event(
    tenant: Tenant,
    event_type: str = "parcel.dispatched",
    data: Mapping[str, Json] | None = None,
    *,
    entity_id: str = "P-1",
    occurred_at: datetime | None = None,
) -> Event:
    """Return a published event that has no position yet."""
    return events.publish(
        tenant,
        event_type,
        data or {"order": "A-1001"},
        actor=make_actor(),
        occurred_at=occurred_at or timezone.now(),
        entity_id=entity_id,
    )


def make_event_type(tenant: Tenant, name: str = "parcel.dispatched") -> EventType:
    return services.create_event_type(tenant, name=name, actor=make_actor())


def make_config_value(
    tenant: Tenant, name: str = "api_key", value: str = "a secret value"
) -> ConfigValue:
    return services.set_config_value(tenant, name, value, actor=make_actor())
