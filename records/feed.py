"""Everything that changed, in the order of the tenant's log.

The feed reads events by ``Event.position``, which only committed events have and which has no
gaps. Each page ends at a position up to which the log was complete when it was read, so a reader
who goes on behind it gets every change exactly once, however many are writing.

A sure way to a full copy: take the position of now (``since`` the present moment), copy the
records, then read the changes behind that position. Some of them will be in the copy already.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Min

from core.models import Event, EventLog, Tenant
from records.errors import CursorExpiredError, InvalidCursorError
from records.types import Change, Operation, Page

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.types import Json

# How far the moments in the log may be out of its order: clocks of several machines differ, and
# a change carries the moment at which its transaction wrote it, not the one at which it committed.
DISORDER = timedelta(minutes=5)


def beginning(tenant: Tenant) -> int:
    """Return the position behind which the feed starts: 0 until old events are purged."""
    return _oldest(tenant, _end(tenant)) - 1


def position_at(tenant: Tenant, since: datetime, *, now: datetime) -> int:
    """Return a position behind which every change since ``since`` lies.

    Errs on the safe side by DISORDER: a reader may get earlier changes again, but misses none.
    Raises CursorExpiredError when changes since then may have been purged.
    """
    end = _end(tenant)
    oldest = _oldest(tenant, end)
    # No event is more than DISORDER out of order, so what lies before the first one found here
    # happened before ``since``.
    first = bisect_left(
        range(end + 1),
        since - DISORDER,
        lo=oldest,
        key=lambda position: _occurred_at(tenant, position),
    )
    if first == oldest > 1 and since < now - DISORDER:
        raise CursorExpiredError("Changes of that time are no longer kept.")
    return first - 1


def read(tenant: Tenant, after: int, *, limit: int, types: Sequence[str] = ()) -> Page:
    """Return up to ``limit`` changes behind ``after``, only of the record types named, if any.

    Raises CursorExpiredError when changes behind ``after`` were purged, and InvalidCursorError
    when the log does not reach so far.
    """
    # First the end, then the events: those up to it are all visible by now.
    end = _end(tenant)
    if after > end:
        raise InvalidCursorError("The cursor lies beyond the end of the feed.")
    if after < _oldest(tenant, end) - 1:
        raise CursorExpiredError("Changes behind this cursor are no longer kept.")
    events = _events(tenant, after, end, types, limit + 1)
    page = events[:limit]
    has_more = len(events) > limit
    return Page(
        changes=[_change(event) for event in page],
        position=cast("int", page[-1].position) if has_more else end,
        has_more=has_more,
    )


def _end(tenant: Tenant) -> int:
    log = EventLog.objects.filter(tenant=tenant).first()
    return 0 if log is None else cast("int", log.last_position)


def _oldest(tenant: Tenant, end: int) -> int:
    """Return the first position that is still kept; events are purged from the front only."""
    kept = Event.objects.for_tenant(tenant).after(0).order_by().aggregate(oldest=Min("position"))
    return cast("int | None", kept["oldest"]) or end + 1


def _occurred_at(tenant: Tenant, position: int) -> datetime:
    """Return when the event at ``position`` happened, or the next one if that one is gone."""
    moments = Event.objects.for_tenant(tenant).after(position - 1)
    moment: datetime = moments.values_list("occurred_at", flat=True)[0]
    return moment


def _events(tenant: Tenant, after: int, end: int, types: Sequence[str], limit: int) -> list[Event]:
    rows = Event.objects.for_tenant(tenant).after(after).filter(position__lte=end)
    if not types:
        return list(rows.exclude(record_type="")[:limit])
    # One question per type, each answered from the index of that type in the order of the log.
    each: list[QuerySet[Event]] = [rows.filter(record_type=slug)[:limit] for slug in set(types)]
    found = [event for part in each for event in part]
    return sorted(found, key=lambda event: cast("int", event.position))[:limit]


def _change(event: Event) -> Change:
    data: dict[str, Json] | None = None
    changes = None
    if event.data is not None:
        data = dict(event.data)
        data.pop("id", None)
        changes = data.pop("changes", None)
    return Change(
        position=cast("int", event.position),
        event_id=event.id,
        type=event.record_type,
        id=event.entity_id,
        operation=Operation(event.type.rpartition(".")[2]),
        at=event.occurred_at,
        data=data,
        changes=cast("dict[str, Json] | None", changes),
    )
