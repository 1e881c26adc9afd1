"""What may be sent from a lane that keeps an order, however much is held up in it.

What is due and held up stands in the queue before what is free, so a look at all of it would cost
more the longer the queue is. One look is therefore at a bounded number of places: the oldest, the
newest, and some in between, which are others each time (``Walk``). Of each key met there the first
delivery may be free, wherever it stands itself.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from core.sql import moment_value, on_postgresql, read_moment, read_uuid, run, uuid_value
from webhooks.statements import COLUMNS, LOOKS_PER_TIME, event, list_value, rows_of

# A place in a lane: when the delivery there is due, and its key.
Place = tuple[datetime, UUID]
BEGINNING: Place = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))

# How many places are looked at in one look, beside as many of the oldest as are wanted.
OLDEST = 200
BETWEEN = 500
NEWEST = 100
KEYS = 100
# How many keys are remembered in which something was free: there may be more.
LIVELY = 400
# A look that takes longer than this is followed by a pause: it is at the cost of others.
QUICK_SECONDS = 0.003
LONGEST_PAUSE_SECONDS = 1.0
# When to look again in a lane in which more is held up than one look can see.
LOOK_LATER = timedelta(seconds=10)

# ``(SELECT %s)``: PostgreSQL must not know the limit. Where it thinks that no more is pending than
# that, it would read and sort all there is.
_WINDOW = """SELECT x.next_attempt_at, x.id, x.ordering_key FROM webhooks_delivery x
 WHERE x.subscription_id = %s AND x.next_attempt_at <= %s"""
_OLDEST = f"""{_WINDOW} AND (x.next_attempt_at, x.id) > (%s, %s)
 ORDER BY x.next_attempt_at, x.id LIMIT (SELECT %s)"""
_NEWEST = f"{_WINDOW} ORDER BY x.next_attempt_at DESC, x.id DESC LIMIT (SELECT %s)"
_WAITING = """SELECT x.next_attempt_at FROM webhooks_delivery x
 WHERE x.subscription_id = %s AND x.next_attempt_at > %s ORDER BY x.next_attempt_at, x.id LIMIT 1"""

_KEYS = """WITH RECURSIVE keys(name, number) AS (SELECT {text}, 0 UNION ALL
 SELECT (SELECT x.ordering_key FROM webhooks_delivery x
 WHERE x.subscription_id = %s AND x.next_attempt_at IS NOT NULL AND NOT (x.ordering_key = '')
 AND x.ordering_key > keys.name ORDER BY x.ordering_key, x.position LIMIT 1), keys.number + 1
 FROM keys WHERE keys.name IS NOT NULL AND keys.number < %s)
 SELECT name FROM keys WHERE number > 0 AND name IS NOT NULL"""

# What holds up all that comes behind it in its key.
_HOLDER = """FROM webhooks_delivery p WHERE p.subscription_id = %s
 AND p.next_attempt_at IS NOT NULL AND p.ordering_key = k.name AND NOT (p.ordering_key = '')
 AND (p.failures = 0 OR p.created_at > %s) ORDER BY p.ordering_key, p.position LIMIT 1"""
_HELD_SINCE = f"""SELECT (SELECT CASE WHEN p.failures > 0 THEN p.created_at END
 {_HOLDER}) FROM {{names}}"""  # noqa: S608  # no part comes from outside

# To the end of a key when nothing in it holds up anything. Not ``next_attempt_at <= %s`` alone: the
# index of what is due would then seem to fit.
_FREE_OF_KEY = f"""webhooks_delivery y WHERE y.subscription_id = %s
 AND y.next_attempt_at IS NOT NULL AND y.ordering_key = k.name AND NOT (y.ordering_key = '')
 AND y.position <= COALESCE((SELECT p.position {_HOLDER}),
 9223372036854775807) AND (y.next_attempt_at <= %s) IS TRUE"""
_DELIVERY = """y.id, y.subscription_id, y.tenant_id, y.attempts, y.failures, y.created_at,
 y.next_attempt_at, y.event_id, y.ordering_key"""
_FREE = f"""SELECT {COLUMNS}, d.ordering_key FROM (SELECT f.* FROM {{names}} CROSS JOIN LATERAL
 (SELECT {_DELIVERY} FROM {_FREE_OF_KEY} ORDER BY y.ordering_key, y.position LIMIT 1) f LIMIT (SELECT %s)) d
 {{event}}"""  # noqa: S608  # no part comes from outside
_FREE_ON_SQLITE = f"""SELECT {COLUMNS}, d.ordering_key FROM {{names}} JOIN webhooks_delivery d
 ON d.id = (SELECT y.id FROM {_FREE_OF_KEY} ORDER BY y.ordering_key, y.position LIMIT 1) {{event}} LIMIT %s"""  # noqa: S608
_WITHOUT_KEY = f"""SELECT {COLUMNS}, '' FROM {{ids}}
 JOIN webhooks_delivery d ON d.id = k.id AND d.next_attempt_at IS NOT NULL {{event}}"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The queue of a subscription at a moment, in which what failed after ``blocks_since`` blocks."""

    subscription: UUID
    now: datetime
    blocks_since: datetime


@dataclass(slots=True)
class Walk:
    """Where the looks at a lane have come to, for whoever owns it.

    ``whole`` says that there is nothing to be found: one round through the queue found nothing.
    Before ``rested_at``, on the monotonic clock, there should be no further look.
    """

    place: Place = BEGINNING
    name: str = ""
    lively: list[str] = field(default_factory=list)
    whole: bool = False
    fruitless: bool = True
    rested_at: float = 0.0

    def rest(self, begun_at: float) -> None:
        """Note that a look has ended that began at a moment of the monotonic clock."""
        at = time.monotonic()
        pause = LOOKS_PER_TIME * max(0.0, at - begun_at - QUICK_SECONDS)
        self.rested_at = at + min(pause, LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Stand:
    """A place, and what stands there: a key's delivery, or one without a key."""

    place: Place
    name: str

    @property
    def unit(self) -> str | UUID:
        return self.name or self.place[1]


def read(line: Line, limit: int, walk: Walk | None = None) -> list[Any]:
    """Return the rows of up to ``limit`` deliveries that may be sent, those waiting longest first.

    With a ``walk``, one look is taken, and the next one goes on from there; without, as many as it
    takes.
    """
    if walk is None:
        return _read(line, limit, Walk(), once=False)
    begun_at = time.monotonic()
    found = _read(line, limit, walk, once=True)
    walk.rest(begun_at)
    return found


def _read(line: Line, limit: int, walk: Walk, *, once: bool) -> list[Any]:
    size = limit + OLDEST
    oldest = _stands(_OLDEST, line, BEGINNING, size)
    units = dict.fromkeys(stand.unit for stand in oldest)
    found = _free(line, units, limit)
    walk.whole = walk.whole and not found
    walk.fruitless = walk.fruitless and not found
    if len(oldest) < size:
        walk.whole = not found
        return found
    while len(found) < limit:
        more = _look_further(line, oldest[-1].place, units, limit - len(found), walk)
        found += more
        units |= dict.fromkeys(_unit_of(row) for row in more)
        if once or walk.place == BEGINNING:
            break
    return found


def next_at(line: Line, blocks_for: timedelta | None) -> datetime | None:
    """Return when there may be something to send; None when nobody knows of anything.

    It may be too early, and is too late by LOOK_LATER at most.
    """
    oldest = _stands(_OLDEST, line, BEGINNING, OLDEST)
    crowded = len(oldest) == OLDEST
    newest = _stands(_NEWEST, line, None, NEWEST) if crowded else []
    units = dict.fromkeys(stand.unit for stand in [*oldest, *newest])
    if free := _free(line, units, 1):
        return read_moment(free[0][6])
    rows = run(_WAITING, [uuid_value(line.subscription), moment_value(line.now)])
    moments = [read_moment(row[0]) for row in rows]
    if crowded:
        moments.append(line.now + LOOK_LATER)
    if blocks_for:
        moments += [since + blocks_for for since in _held_since(line, units)]
    return min(moments, default=None)


def _look_further(
    line: Line, start: Place, known: Collection[str | UUID], limit: int, walk: Walk
) -> list[Any]:
    """Look behind the oldest places, from where the last look ended; move the walk on."""
    between = _stands(_OLDEST, line, max(start, walk.place), BETWEEN)
    names = _names(line, walk.name)
    newest = _stands(_NEWEST, line, None, NEWEST)
    others = [*names, *(stand.unit for stand in newest), *walk.lively]
    units = [unit for unit in [*(stand.unit for stand in between), *others] if unit not in known]
    found = _free(line, dict.fromkeys(units), limit)
    ended = len(between) < BETWEEN
    walk.name = names[-1] if len(names) == KEYS else ""
    if found:
        walk.whole = walk.fruitless = False
        walk.lively = list(dict.fromkeys([*_names_of(found), *walk.lively]))[:LIVELY]
    walk.place = BEGINNING if ended else between[-1].place
    if len(found) == limit:
        last = _unit_of(found[-1])
        passed = next((each.place for each in between if each.unit == last), None)
        ended, walk.place = (ended and passed is None), passed or walk.place
    if ended:
        walk.whole, walk.fruitless = walk.fruitless, True
    return found


def _stands(sql: str, line: Line, after: Place | None, limit: int) -> list[_Stand]:
    place = [moment_value(after[0]), uuid_value(after[1])] if after else []
    rows = run(sql, [uuid_value(line.subscription), moment_value(line.now), *place, limit])
    return [_Stand((read_moment(row[0]), read_uuid(row[1])), row[2]) for row in rows]


def _names(line: Line, after: str) -> list[str]:
    """Return the next keys in the order of the index, skipping from each to the next."""
    sql = _KEYS.format(text="%s::varchar" if on_postgresql() else "%s")
    return [row[0] for row in run(sql, [after, uuid_value(line.subscription), KEYS])]


def _free(line: Line, units: Iterable[str | UUID], limit: int) -> list[Any]:
    """Return what is due and not held up, of keys and of those without one, in their order."""
    order = {unit: number for number, unit in enumerate(units)}
    names = [unit for unit in order if isinstance(unit, str)]
    ids = [unit for unit in order if isinstance(unit, UUID)][:limit]
    rows = _of_names(line, names, limit) + _without_key(ids)
    rows.sort(key=lambda row: order[_unit_of(row)])
    return rows[:limit]


def _of_names(line: Line, names: Sequence[str], limit: int) -> list[Any]:
    if not names:
        return []
    template = _FREE if on_postgresql() else _FREE_ON_SQLITE
    sql = template.format(names=rows_of("name", "text"), event=event())
    since, now = moment_value(line.blocks_since), moment_value(line.now)
    key = uuid_value(line.subscription)
    return run(sql, [list_value(names), key, key, since, now, limit])


def _without_key(ids: Sequence[UUID]) -> list[Any]:
    if not ids:
        return []
    sql = _WITHOUT_KEY.format(ids=rows_of("id", "uuid"), event=event())
    return run(sql, [list_value([uuid_value(each) for each in ids])])


def _held_since(line: Line, units: Iterable[str | UUID]) -> list[datetime]:
    """Return when those failures happened behind which keys are waiting."""
    names = [unit for unit in units if isinstance(unit, str)]
    if not names:
        return []
    sql = _HELD_SINCE.format(names=rows_of("name", "text"))
    since = moment_value(line.blocks_since)
    rows = run(sql, [uuid_value(line.subscription), since, list_value(names)])
    return [read_moment(row[0]) for row in rows if row[0] is not None]


def _unit_of(row: Sequence[Any]) -> str | UUID:
    return row[-1] or read_uuid(row[0])


def _names_of(rows: Iterable[Any]) -> list[str]:
    return [row[-1] for row in rows if row[-1]]
