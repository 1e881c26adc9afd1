"""The door of a directory: who comes, and what every request needs to know of the directory."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.auth import Credential
from core.entrance import Entrance, enter
from core.sql import moment_value, read_moment, read_uuid, run, uuid_value
from core.throttling import RateState
from scim.models import Directory

LAST_REQUEST_PRECISION = timedelta(minutes=1)
NOTHING = "{}"
DOOR = Entrance(
    name="scim",
    columns="d.id AS directory_id, d.active, d.profile, d.unique_group_names, d.extension,"
    " d.last_request_at, d.manages_accounts, (SELECT m.id FROM scim_mapping m"
    " WHERE m.tenant_id = t.id ORDER BY m.version DESC LIMIT 1) AS mapping_id",
    join="LEFT JOIN scim_directory d ON d.tenant_id = t.id",
)
_NOTE = """UPDATE scim_directory SET last_request_at = %s WHERE id = %s
 AND (last_request_at IS NULL OR last_request_at < %s) RETURNING id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDirectory:
    """A directory that takes requests.

    ``extension`` is JSON, empty when there is none; ``mapping`` the key of the attribute mapping in
    force, None for the built-in one.
    """

    profile: str = Directory.Profile.GENERIC
    unique_group_names: bool = False
    extension: str = ""
    manages_accounts: bool = False
    mapping: UUID | None = None


PLAIN = OpenDirectory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who has come, what is left of the rate limit, and the directory, None for one that is closed."""

    credential: Credential
    rate: RateState
    directory: OpenDirectory | None


def opening(secret: str, now: datetime, *, slug: str, per_minute: int) -> Opening | None:
    """Return what the token opens at the tenant's directory, None when it opens nothing there."""
    entry = enter(DOOR, secret, now, slug=slug, per_minute=per_minute)
    if entry is None:
        return None
    identity, active, *settings, last_request_at, manages_accounts, mapping = entry.behind
    directory = None
    if active:
        profile, unique_group_names, extension = settings
        _note_request(identity, last_request_at, now)
        directory = OpenDirectory(
            profile=profile,
            unique_group_names=bool(unique_group_names),
            extension="" if extension == NOTHING else extension,
            manages_accounts=bool(manages_accounts),
            mapping=read_uuid(mapping) if mapping else None,
        )
    return Opening(credential=entry.credential, rate=entry.rate, directory=directory)


def _note_request(identity: Any, last: Any, now: datetime) -> None:
    """Remember that the identity provider is alive, to the minute, as with the use of a key."""
    stale = now - LAST_REQUEST_PRECISION
    if last is None or read_moment(last) < stale:
        key = uuid_value(read_uuid(identity))
        run(_NOTE, [moment_value(now), key, moment_value(stale)])
