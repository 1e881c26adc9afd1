"""The door of a directory: who comes, and what every request needs to know of the directory."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.auth import Credential
from core.entrance import Entrance, enter
from core.sql import moment_value, read_moment, read_uuid, run, uuid_value
from core.throttling import RateState

LAST_REQUEST_PRECISION = timedelta(minutes=1)
NOTHING = "{}"
DOOR = Entrance(
    name="scim",
    columns="d.id AS directory_id, d.active, d.profile, d.unique_group_names, d.extension,"
    " d.last_request_at",
    join="LEFT JOIN scim_directory d ON d.tenant_id = t.id",
)
_NOTE = """UPDATE scim_directory SET last_request_at = %s WHERE id = %s
 AND (last_request_at IS NULL OR last_request_at < %s) RETURNING id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDirectory:
    """A directory that takes requests. ``extension`` is JSON, empty when there is none."""

    profile: str
    unique_group_names: bool
    extension: str


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
    identity, active, profile, unique_group_names, extension, last_request_at = entry.behind
    directory = None
    if active:
        _note_request(identity, last_request_at, now)
        directory = OpenDirectory(
            profile=profile,
            unique_group_names=bool(unique_group_names),
            extension="" if extension == NOTHING else extension,
        )
    return Opening(credential=entry.credential, rate=entry.rate, directory=directory)


def _note_request(identity: Any, last: Any, now: datetime) -> None:
    """Remember that the identity provider is alive, to the minute, as with the use of a key."""
    stale = now - LAST_REQUEST_PRECISION
    if last is None or read_moment(last) < stale:
        key = uuid_value(read_uuid(identity))
        run(_NOTE, [moment_value(now), key, moment_value(stale)])
