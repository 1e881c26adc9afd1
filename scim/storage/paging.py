"""Pages of what a search finds, by index (RFC 7644, 3.4.2.4) or by cursor (RFC 9865)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from scim2_models import InvalidCursorException, SearchRequest

from core.ids import decode
from core.models import Tenant
from core.sql import uuid_value
from core.types import Json
from scim.filters.compiling import condition
from scim.filters.conditions import Sql, every
from scim.filters.sorting import Anchor, Order, order
from scim.schemas.attributes import Attribute
from scim.storage import rows
from scim.storage.rows import Row


class Page(NamedTuple):
    """One page of a search; ``next`` and ``previous`` are where its neighbors begin."""

    total: int
    rows: Sequence[Row]
    next: Any = None
    previous: Any = None


def page(
    tenant: Tenant,
    trees: Mapping[str, Attribute],
    request: SearchRequest[Any],
    position: Any = None,
) -> Page:
    """Return one page of the resources of the types ``trees`` that a search finds."""
    where = _where(tenant, request, trees)
    if request.count == 0:
        return Page(rows.count(where), ())
    path = request.sort_by._designated_attr_path() if request.sort_by else None  # noqa: SLF001  # no public way
    descending = request.sort_order == SearchRequest.SortOrder.descending
    sorting = order(path, trees, descending=descending)
    if request.cursor is not None:
        return _cursor_page(where, rows.count(where), sorting, request.count, position)
    start = request.start_index_0 or 0
    found = rows.select(where, sorting.clause(), limit=request.count, offset=start)
    # A page that is not full, and not empty behind the end, says how many there are.
    ends_here = (found or not start) and (request.count is None or len(found) < request.count)
    total = start + len(found) if ends_here else rows.count(where)
    return Page(total, [rows.read(each) for each in found])


def _where(tenant: Tenant, request: SearchRequest[Any], trees: Mapping[str, Attribute]) -> Sql:
    owner = uuid_value(decode("ten", tenant.id))
    mine = Sql(text="r.tenant_id = %s AND r.deleted_at IS NULL", parameters=(owner,))
    if request.filter is not None:
        return every([mine, condition(request.filter.ast, trees)])
    kinds = ", ".join("%s" for _ in trees)
    return every([mine, Sql(text=f"r.kind IN ({kinds})", parameters=tuple(trees))])


def _cursor_page(where: Sql, total: int, sorting: Order, count: int | None, position: Any) -> Page:
    """Return the page behind a position, or before it, and where its neighbors begin."""
    anchor = _anchor(position)
    before = anchor is not None and anchor.before
    bounded = every([where, sorting.beyond(anchor)]) if anchor else where
    limit = None if count is None else count + 1
    found = list(
        rows.select(bounded, sorting.clause(reverse=before), limit=limit, value=sorting.value)
    )
    more = count is not None and len(found) > count
    found = found[:count]
    if before:
        found.reverse()
    if not found:
        return Page(total, ())
    following = more if not before else True
    preceding = (anchor is not None) if not before else more
    return Page(
        total,
        [rows.read(each) for each in found],
        _position(found[-1], before=False) if following else None,
        _position(found[0], before=True) if preceding else None,
    )


def _position(row: Any, *, before: bool) -> dict[str, Json]:
    value = row[6]
    if isinstance(value, datetime):
        value = value.isoformat()
    elif value is not None and not isinstance(value, (str, int, float, bool)):
        value = float(value)
    return {"v": value, "i": rows.read(row).id, "b": before}


def _anchor(position: Any) -> Anchor | None:
    if position is None:
        return None
    try:
        return Anchor(value=position["v"], id=position["i"], before=position["b"])
    except (TypeError, KeyError):
        raise InvalidCursorException from None
