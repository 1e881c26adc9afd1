"""A door for credentials: who comes, what is behind it, and how often they may, asked for at once.

The API asks these one after the other, as it has more to do in between. Where a whole request takes a
few statements, as with a directory, one statement instead of three is a third of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from core.auth import (
    IS_OPEN,
    KEY_COLUMNS,
    KEY_WIDTH,
    KEYS,
    Credential,
    from_access_token,
    from_key,
    is_key,
    key_parameters,
)
from core.ids import decode
from core.sql import on_postgresql, read_uuid, run, unflushed, uuid_value
from core.throttling import BOOKING, RateState, parameters, state, take

WINDOW = timedelta(minutes=1)
_STEP = "greatest(1, %(window_us)s / greatest(coalesce(k.rate_limit, %(per_minute)s), 1))"


class Entry(NamedTuple):
    """Who has come in, what is left of the rate limit, and the columns that the door asks for."""

    credential: Credential
    rate: RateState
    behind: Sequence[Any]


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """A door of the tenants: ``columns`` of what a LEFT JOIN with the tenant ``t`` finds there.

    ``name`` is that of its buckets of rate limits.
    """

    name: str
    columns: str
    join: str

    @cached_property
    def known(self) -> str:
        """The statement that finds a key."""
        return (
            f"SELECT {KEY_COLUMNS}, {self.columns} FROM {KEYS} {self.join}"  # noqa: S608  # of the code
            f" WHERE {IS_OPEN} AND t.slug = %(slug)s"
        )

    @cached_property
    def booked(self) -> str:
        """The statement that finds a key and books a request on its rate limit."""
        return (
            f"WITH known AS (SELECT {KEY_COLUMNS}, {self.columns},"  # noqa: S608  # of the code
            f" coalesce(k.rate_limit, %(per_minute)s) AS per_minute, {_STEP} AS step"
            f" FROM {KEYS} {self.join} WHERE {IS_OPEN} AND t.slug = %(slug)s),"
            " booked AS (INSERT INTO core_ratebucket (name, full_at)"
            " SELECT %(bucket)s || known.key_id::text, %(now_us)s + known.step"
            f" FROM known WHERE known.per_minute > 0 {BOOKING})"
            " SELECT known.*, {unflushed}, booked.full_at FROM known LEFT JOIN booked ON true"
        )

    @cached_property
    def beside(self) -> str:
        """The statement that finds the columns for a tenant."""
        return f"SELECT {self.columns} FROM core_tenant t {self.join} WHERE t.id = %s"  # noqa: S608  # of the code


def enter(
    entrance: Entrance, secret: str, now: datetime, *, slug: str, per_minute: int
) -> Entry | None:
    """Return who comes in with ``secret`` by the door of the tenant ``slug``, None when nobody does.

    ``per_minute`` is the rate limit of whoever has none of their own. A request that is one too many
    comes in as well: ``rate`` says so.
    """
    if not is_key(secret):
        return _with_token(entrance, secret, now, slug, per_minute)
    given = key_parameters(secret, now) | {"slug": slug}
    if not on_postgresql():
        rows = run(entrance.known, given)
        return _with_row(entrance, rows[0], now, per_minute) if rows else None
    given |= parameters(WINDOW, now)
    given |= {"per_minute": per_minute, "bucket": f"{entrance.name}:"}
    rows = run(entrance.booked.format(unflushed=unflushed()), given)
    if not rows:
        return None
    *row, limit, _, _, full_at = rows[0]
    bucket = _bucket(entrance, row[0])
    rate = state(bucket, full_at, limit=limit, window=WINDOW, now=now)
    return Entry(from_key(row, now), rate, row[KEY_WIDTH:])


def _with_row(entrance: Entrance, row: Sequence[Any], now: datetime, per_minute: int) -> Entry:
    """Return who comes in with a key, where one statement cannot book the request as well."""
    credential = from_key(row, now)
    limit = _limit(credential, per_minute)
    rate = take(_bucket(entrance, row[0]), limit=limit, window=WINDOW, now=now)
    return Entry(credential, rate, row[KEY_WIDTH:])


def _with_token(
    entrance: Entrance, secret: str, now: datetime, slug: str, per_minute: int
) -> Entry | None:
    credential = from_access_token(secret, now)
    if credential is None or credential.tenant.slug != slug:
        return None
    behind = run(entrance.beside, [uuid_value(decode("ten", credential.tenant.id))])[0]
    limit = _limit(credential, per_minute)
    rate = take(f"{entrance.name}:{credential.id}", limit=limit, window=WINDOW, now=now)
    return Entry(credential, rate, behind)


def _limit(credential: Credential, per_minute: int) -> int:
    return per_minute if credential.rate_limit is None else credential.rate_limit


def _bucket(entrance: Entrance, key: Any) -> str:
    return f"{entrance.name}:{read_uuid(key)}"
