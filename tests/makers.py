"""Builders of what tests start from."""

from core import services
from core.models import Tenant
from core.types import Actor, ActorKind

SCOPES = (
    "records:read",
    "records:write",
    "events:read",
    "events:write",
    "webhooks:read",
    "webhooks:write",
    "config:read",
    "config:write",
    "api-keys:read",
    "api-keys:write",
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
