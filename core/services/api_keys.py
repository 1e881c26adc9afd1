"""Changes to API keys."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core import audit
from core.auth import KEY_MARK, digest_of
from core.errors import CredentialStateError
from core.models import ApiKey, Tenant, User
from core.services.scopes import check_scopes
from core.types import Actor

PREFIX_BYTES = 5
SECRET_BYTES = 32
ROTATION_OVERLAP = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key and its secret, which is known only now."""

    key: ApiKey
    secret: str


@transaction.atomic
def create_api_key(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[str],
    actor: Actor,
    expires_at: datetime | None = None,
    rate_limit: int | None = None,
    within: Iterable[str] | None = None,
    owner: User | None = None,
) -> NewKey:
    """Create a key, which ends with the access of its owner if it has one.

    Raises ScopeNotAllowedError for a scope that does not exist, or that is not ``within`` those
    of the credential that asks for the key.
    """
    prefix = secrets.token_hex(PREFIX_BYTES)
    secret = f"{KEY_MARK}{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        tenant=tenant,
        owner=owner,
        name=name,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=check_scopes(scopes, within=within),
        expires_at=expires_at,
        rate_limit=rate_limit,
    )
    audit.record(
        "api_key.created", tenant=tenant, actor=actor, target=key, details={"scopes": key.scopes}
    )
    return NewKey(key=key, secret=secret)


@transaction.atomic
def rotate_api_key(
    key: ApiKey,
    *,
    actor: Actor,
    overlap: timedelta = ROTATION_OVERLAP,
    within: Iterable[str] | None = None,
) -> NewKey:
    """Replace a key by a new one; the old one goes on working for ``overlap``.

    A key that was made to expire is replaced by one that lives as long again. Raises
    CredentialStateError when the key is revoked, expired or already replaced: of two people who
    rotate at once, one gets the new key. Raises ScopeNotAllowedError when the key can do more
    than the credential ``within`` whose scopes this is asked for.
    """
    now = timezone.now()
    lifetime = None if key.expires_at is None else key.expires_at - key.created_at
    new = create_api_key(
        key.tenant,
        name=key.name,
        scopes=key.scopes,
        actor=actor,
        expires_at=None if lifetime is None else now + lifetime,
        rate_limit=key.rate_limit,
        within=within,
        owner=key.owner,
    )
    ends_at = now + overlap
    if key.expires_at is not None:
        ends_at = min(ends_at, key.expires_at)
    rotated = (
        ApiKey.objects.in_force(now)
        .filter(id=key.id, replaced_by=None)
        .update(replaced_by=new.key, expires_at=ends_at)
    )
    if not rotated:
        raise CredentialStateError("Only a key that is in use and not yet replaced can be rotated.")
    key.refresh_from_db()
    audit.record(
        "api_key.rotated",
        tenant=key.tenant,
        actor=actor,
        target=key,
        details={"replaced_by": new.key.id, "expires_at": ends_at.isoformat()},
    )
    return new


@transaction.atomic
def revoke_api_key(key: ApiKey, *, actor: Actor) -> None:
    """Make a key useless at once. Safe to call twice."""
    if ApiKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record("api_key.revoked", tenant=key.tenant, actor=actor, target=key)
