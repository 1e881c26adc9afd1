"""Who calls the tenant API: an API key or an OAuth 2.0 access token, of exactly one tenant."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from oauth2_provider.models import AccessToken

from core import context
from core.ids import encode
from core.models import ApiKey, Tenant
from core.sql import moment_value, read_moment, read_uuid, run
from core.types import Actor, ActorKind

KEY_MARK = "pbk_"
LAST_USED_PRECISION = timedelta(minutes=1)
# Asked for by every request, so it is prepared once and not written anew by the ORM each time.
KEY_COLUMNS = """k.id AS key_id, k.name AS key_name, k.scopes, k.rate_limit, k.last_used_at,
 o.api_scopes, t.id AS tenant_id, t.slug, t.name, t.retention_days, t.created_at"""
KEY_WIDTH = 11
KEYS = """core_apikey k JOIN core_tenant t ON t.id = k.tenant_id
 LEFT JOIN core_user o ON o.id = k.owner_id"""
IS_OPEN = """k.prefix = %(prefix)s AND k.digest = %(digest)s AND k.revoked_at IS NULL
 AND (k.expires_at IS NULL OR k.expires_at > %(now)s) AND t.active
 AND (k.owner_id IS NULL OR (o.is_active AND o.tenant_id = k.tenant_id))"""
_FIND_KEY = f"SELECT {KEY_COLUMNS} FROM {KEYS} WHERE {IS_OPEN}"  # noqa: S608  # nothing of it is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A caller that has proved who it is. ``rate_limit`` is in requests per minute.

    ``person`` is the user name of whom it acts for, empty when it acts for itself.
    """

    kind: ActorKind
    id: str
    label: str
    tenant: Tenant
    scopes: frozenset[str]
    rate_limit: int | None = None
    person: str = ""

    is_authenticated = True

    def actor(self) -> Actor:
        """Return the credential as audit entries and events name it."""
        current = context.current()
        return Actor(
            kind=self.kind,
            id=self.id,
            label=self.label,
            correlation_id=current.correlation_id if current else "",
            request_id=current.request_id if current else "",
            ip_address=current.ip_address if current else None,
        )


def caller(request: Any) -> Credential | None:
    """Return who makes a request of REST framework's, or None before it is known."""
    user: Credential | None = request.user
    return user


def digest_of(secret: str) -> str:
    """Return what is stored of a key. One SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(secret: str, now: datetime) -> Credential | None:
    """Return who holds ``secret``, or None when it opens nothing at ``now``."""
    if not is_key(secret):
        return from_access_token(secret, now)
    rows = run(_FIND_KEY, key_parameters(secret, now))
    return from_key(rows[0], now) if rows else None


def is_key(secret: str) -> bool:
    """Say whether a secret is an API key; everything else may be an access token."""
    return secret.startswith(KEY_MARK)


def key_parameters(secret: str, now: datetime) -> dict[str, Any]:
    """Return what ``IS_OPEN`` asks a key for.

    What is compared is a digest, so how long that takes tells nothing of the secret.
    """
    return {
        "prefix": secret.removeprefix(KEY_MARK).partition("_")[0],
        "digest": digest_of(secret),
        "now": moment_value(now),
    }


def from_key(row: Sequence[Any], now: datetime) -> Credential:
    """Return the credential that a row begins with, ``KEY_COLUMNS``, and remember its use."""
    key, name, scopes, rate_limit, last_used_at, granted, *tenant = row[:KEY_WIDTH]
    identity = encode("key", read_uuid(key))
    _note_use(identity, read_moment(last_used_at) if last_used_at else None, now)
    return Credential(
        kind=ActorKind.API_KEY,
        id=identity,
        label=name,
        tenant=_tenant(*tenant),
        scopes=_within(frozenset(_read(scopes)), _read(granted)),
        rate_limit=rate_limit,
    )


def _read(value: Any) -> Any:
    """Return the value of a JSON column, which SQLite gives as text."""
    return json.loads(value) if isinstance(value, str) else value


def _within(scopes: frozenset[str], granted: Sequence[str] | None) -> frozenset[str]:
    """Return those of the scopes that the roles of a person grant, if roles decide about them."""
    return scopes if granted is None else scopes & frozenset(granted)


def _tenant(
    key: Any, slug: str, name: str, retention_days: int | None, created_at: datetime | str
) -> Tenant:
    return Tenant.from_db(
        DEFAULT_DB_ALIAS,
        ["id", "slug", "name", "active", "retention_days", "created_at"],
        [encode("ten", read_uuid(key)), slug, name, True, retention_days, read_moment(created_at)],
    )


def _note_use(key: str, last_used_at: datetime | None, now: datetime) -> None:
    """Remember the use, to the minute: a busy key must not cost a write per request."""
    if last_used_at is None or last_used_at < now - LAST_USED_PRECISION:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_PRECISION)
        ApiKey.objects.filter(stale, id=key).update(last_used_at=now)


def from_access_token(secret: str, now: datetime) -> Credential | None:
    """Return whom an OAuth 2.0 access token stands for, or None when it opens nothing."""
    token = (
        AccessToken.objects.filter(
            token_checksum=digest_of(secret), expires__gt=now, application__tenant__active=True
        )
        .select_related("application__tenant", "user")
        .first()
    )
    if token is None or not _user_may(token):
        return None
    client = token.application
    return Credential(
        kind=ActorKind.API_CLIENT,
        id=client.id,
        label=f"{client} for {token.user}" if token.user else str(client),
        tenant=client.tenant,
        # What the client may do is narrowed at once when staff take a scope away.
        scopes=_within(
            frozenset(token.scope.split()) & frozenset(client.scopes),
            token.user.api_scopes if token.user else None,
        ),
        rate_limit=client.rate_limit,
        person=token.user.get_username() if token.user else "",
    )


def _user_may(token: AccessToken) -> bool:
    """Say whether the person behind a token, if any, still belongs to the client's tenant."""
    user = token.user
    return user is None or (user.is_active and user.tenant_id == token.application.tenant_id)
