"""Changes to what core owns: credentials and configuration."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, RefreshToken

from core import audit
from core.auth import KEY_MARK, digest_of
from core.errors import CredentialStateError, ScopeNotAllowedError
from core.models import ApiClient, ApiKey, ConfigValue, Tenant
from core.types import Actor

PREFIX_BYTES = 5
SECRET_BYTES = 32
ROTATION_OVERLAP = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key and its secret, which is known only now."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """An OAuth client and its secret, which is known only now."""

    client: ApiClient
    secret: str


def check_scopes(scopes: Iterable[str], *, within: Iterable[str] | None = None) -> list[str]:
    """Return ``scopes`` sorted; raise ScopeNotAllowedError for one that is unknown or not granted.

    ``within`` are the scopes of the credential that hands them out: nobody gives more than they have.
    """
    wanted = sorted(set(scopes))
    if unknown := [scope for scope in wanted if scope not in settings.API_SCOPES]:
        raise ScopeNotAllowedError(
            f"Unknown scope {unknown[0]}; there are: {', '.join(settings.API_SCOPES)}."
        )
    if within is not None and (missing := sorted(set(wanted) - set(within))):
        raise ScopeNotAllowedError(
            f"The scope {missing[0]} cannot be given by a credential that does not have it."
        )
    return wanted


@transaction.atomic
def create_api_key(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[str],
    actor: Actor,
    expires_at: datetime | None = None,
    rate_limit: int | None = None,
) -> NewKey:
    """Create a key. Raises ScopeNotAllowedError for a scope that does not exist."""
    prefix = secrets.token_hex(PREFIX_BYTES)
    secret = f"{KEY_MARK}{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        tenant=tenant,
        name=name,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=check_scopes(scopes),
        expires_at=expires_at,
        rate_limit=rate_limit,
    )
    audit.record(
        "api_key.created", tenant=tenant, actor=actor, target=key, details={"scopes": key.scopes}
    )
    return NewKey(key=key, secret=secret)


@transaction.atomic
def rotate_api_key(key: ApiKey, *, actor: Actor, overlap: timedelta = ROTATION_OVERLAP) -> NewKey:
    """Replace a key by a new one; the old one goes on working for ``overlap``.

    Raises CredentialStateError when the key is revoked, expired or already replaced: of two people
    who rotate at once, one gets the new key.
    """
    now = timezone.now()
    new = create_api_key(
        key.tenant, name=key.name, scopes=key.scopes, actor=actor, rate_limit=key.rate_limit
    )
    ends_at = now + overlap
    if key.expires_at is not None:
        ends_at = min(ends_at, key.expires_at)
    rotated = (
        ApiKey.objects.usable(now)
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


@transaction.atomic
def create_api_client(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[str],
    actor: Actor,
    redirect_uris: Iterable[str] = (),
    public: bool = False,
    rate_limit: int | None = None,
) -> NewClient:
    """Create an OAuth client: client credentials, or authorization code when it has redirect URIs.

    A public client has no secret and proves itself with PKCE alone (RFC 8252).
    """
    uris = list(redirect_uris)
    grant = ApiClient.GRANT_AUTHORIZATION_CODE if uris else ApiClient.GRANT_CLIENT_CREDENTIALS
    secret = "" if public else generate_client_secret()
    client = ApiClient(
        tenant=tenant,
        name=name,
        scopes=check_scopes(scopes),
        client_type=ApiClient.CLIENT_PUBLIC if public else ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=grant,
        redirect_uris=" ".join(uris),
        client_secret=secret,
        rate_limit=rate_limit,
    )
    client.full_clean(exclude=["client_secret"])
    client.save()
    audit.record(
        "api_client.created",
        tenant=tenant,
        actor=actor,
        target=client,
        details={"scopes": client.scopes, "grant": grant},
    )
    return NewClient(client=client, secret=secret)


@transaction.atomic
def renew_client_secret(client: ApiClient, *, actor: Actor) -> str:
    """Give a client a new secret; the old one and every token it obtained stop working at once."""
    secret: str = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    now = timezone.now()
    AccessToken.objects.filter(application=client).delete()
    RefreshToken.objects.filter(Q(application=client), revoked=None).update(revoked=now)
    audit.record("api_client.secret_renewed", tenant=client.tenant, actor=actor, target=client)
    return secret


@transaction.atomic
def set_config_value(
    tenant: Tenant, name: str, value: str, *, actor: Actor, description: str | None = None
) -> ConfigValue:
    """Create or replace a configuration value; the audit entry does not hold it."""
    defaults = {"value": value}
    if description is not None:
        defaults["description"] = description
    row, created = ConfigValue.objects.update_or_create(
        tenant=tenant, name=name, defaults=defaults
    )
    action = "config_value.created" if created else "config_value.replaced"
    audit.record(action, tenant=tenant, actor=actor, target=row)
    stored: ConfigValue = row
    return stored


@transaction.atomic
def delete_config_value(row: ConfigValue, *, actor: Actor) -> None:
    """Delete a configuration value; templates that name it render null from now on."""
    audit.record("config_value.deleted", tenant=row.tenant, actor=actor, target=row)
    row.delete()
