"""Opening directories, and the tokens of identity providers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count

from core import audit
from core.models import Tenant
from core.services import NewKey, create_api_key
from core.types import Actor
from scim.access import resettling
from scim.models import Directory, Resource
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


@transaction.atomic
def change_directory(
    directory: Directory,
    *,
    profile: str,
    active: bool,
    unique_group_names: bool,
    manages_accounts: bool,
    actor: Actor,
) -> Directory:
    """Change whom a directory lets in, and what follows from it.

    Raises ValidationError when no two groups are to have one name and two have it.
    """
    before = Directory.objects.select_for_update().get(pk=directory.pk)
    wanted = {
        "profile": profile,
        "active": active,
        "unique_group_names": unique_group_names,
        "manages_accounts": manages_accounts,
    }
    changed = {name: value for name, value in wanted.items() if getattr(before, name) != value}
    if not changed:
        return before
    if "unique_group_names" in changed:
        _take_names(before, taken=unique_group_names)
    for name, value in changed.items():
        setattr(before, name, value)
    before.save(update_fields=[*changed, "updated_at"])
    audit.record(
        "directory.changed", tenant=before.tenant, actor=actor, target=before, details=changed
    )
    if "manages_accounts" in changed:
        resettling.begin(before.tenant)
    return before


def create_token(
    tenant: Tenant,
    *,
    actor: Actor,
    expires_at: datetime | None = None,
    scopes: Sequence[str] = (READ, WRITE),
) -> NewKey:
    """Create a token for an identity provider: an API key that opens the directory alone."""
    return create_api_key(tenant, name=KEY_NAME, scopes=scopes, actor=actor, expires_at=expires_at)


def _take_names(directory: Directory, *, taken: bool) -> None:
    """Keep the names of groups for one group each, or no longer."""
    groups = Resource.objects.for_tenant(directory.tenant).filter(
        kind=Resource.Kind.GROUP, deleted_at=None
    )
    twice = (
        groups.order_by("key")
        .values("key")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
        .first()
    )
    if taken and twice:
        raise ValidationError(
            {
                "unique_group_names": f"{twice['number']} groups are named {twice['key']}. Let the"
                " identity provider rename or delete them first."
            }
        )
    groups.update(key_taken=taken)
