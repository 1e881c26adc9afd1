"""Opening directories, and the tokens of identity providers."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from core import audit
from core.models import Tenant
from core.services import NewKey, create_api_key
from core.types import Actor
from scim.models import Directory
from scim.protocol import READ, WRITE

KEY_NAME = "SCIM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A directory, and a token for its identity provider whose secret is known only now."""

    directory: Directory
    token: NewKey


def base_url(tenant: Tenant) -> str:
    """Return the URL that identity providers are given."""
    return f"{settings.PUBLIC_URL}/scim/v2/{tenant.slug}"


@transaction.atomic
def open_directory(
    tenant: Tenant, *, profile: str, actor: Actor, expires_at: datetime | None = None
) -> Opened:
    """Let an identity provider of the kind ``profile`` in, with a new token.

    A new one for Entra ID has no two groups of one name, as that expects. Safe to call again: the
    directory stays, its profile changes, and every token goes on working.
    """
    changing = {"profile": profile, "active": True}
    unique = profile == Directory.Profile.ENTRA
    directory, created = Directory.objects.update_or_create(
        tenant=tenant,
        defaults=changing,
        create_defaults={**changing, "unique_group_names": unique},
    )
    audit.record(
        "directory.opened" if created else "directory.changed",
        tenant=tenant,
        actor=actor,
        target=directory,
        details={"profile": profile},
    )
    return Opened(
        directory=directory, token=create_token(tenant, actor=actor, expires_at=expires_at)
    )


def create_token(tenant: Tenant, *, actor: Actor, expires_at: datetime | None = None) -> NewKey:
    """Create a token for an identity provider: an API key that opens the directory alone."""
    return create_api_key(
        tenant, name=KEY_NAME, scopes=[READ, WRITE], actor=actor, expires_at=expires_at
    )
