"""Filters on who is in which group: they ask the table of memberships."""

from collections.abc import Callable

from scim2_models import InvalidFilterException
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from core.ids import decode
from core.sql import uuid_value
from core.types import Json
from scim.filters.columns import ID_PREFIX
from scim.filters.conditions import NEVER, Sql, every, negated
from scim.filters.places import Place, find
from scim.schemas.attributes import Attribute

MEMBERS, GROUPS = "members", "groups"
_HAS_MEMBER = (
    "EXISTS (SELECT 1 FROM scim_membership m WHERE m.group_id = r.id AND m.member_id = %s)"
)
_HAS_MEMBERS = (
    "EXISTS (SELECT 1 FROM scim_membership m WHERE m.group_id = r.id AND m.member_id IS NOT NULL)"
)
_HAS_KIND = (
    "EXISTS (SELECT 1 FROM scim_membership m JOIN scim_resource o ON o.id = m.member_id"
    " WHERE m.group_id = r.id AND lower(o.kind) = %s)"
)
# A user is also in the groups that hold a group of theirs (RFC 7643, section 4.1.2).
_IS_IN = (
    "r.id IN (WITH RECURSIVE inner_members(id) AS (SELECT m.member_id FROM scim_membership m"
    " WHERE m.group_id = %s AND m.member_id IS NOT NULL UNION SELECT m.member_id"
    " FROM scim_membership m JOIN inner_members i ON m.group_id = i.id"
    " WHERE m.member_id IS NOT NULL) SELECT id FROM inner_members)"
)
_IS_IN_SOME = "EXISTS (SELECT 1 FROM scim_membership m WHERE m.member_id = r.id)"


def is_relation(place: Place) -> bool:
    """Say whether ``place`` is about memberships."""
    return place.entries in ((MEMBERS,), (GROUPS,))


def compared(place: Place, operator: CompareOperator, operand: Json) -> Sql:
    """Return whether a group has a member, or a user is in a group.

    Raises InvalidFilterException for anything but ``eq`` and ``ne`` with an id, or with the type
    of members.
    """
    if operator not in (CompareOperator.eq, CompareOperator.ne) or not isinstance(operand, str):
        raise _refusal(place)
    found = _holds(place, operand)
    return negated(found) if operator == CompareOperator.ne else found


def present(place: Place) -> Sql:
    """Return whether there is any member, or any group."""
    return Sql(text=_HAS_MEMBERS if place.entries == (MEMBERS,) else _IS_IN_SOME)


def selected(
    place: Place, node: FilterNode, operand_of: Callable[[Comparison, Attribute], Json]
) -> Sql:
    """Return the same for a filter in brackets, such as ``members[value eq "…"]``."""
    terms = node.terms if isinstance(node, LogicalExpr) else (node,)
    if isinstance(node, LogicalExpr) and (node.op != LogicalOperator.and_ or len(terms) > 1):
        raise _refusal(place)
    (term,) = terms
    if not isinstance(term, Comparison) or term.op != CompareOperator.eq:
        raise _refusal(place)
    inner = find(place.attribute, term.attr_path)
    if inner is None:
        raise _refusal(place)
    found = Place(attribute=inner.attribute, path=inner.path, entries=place.entries)
    return every([compared(found, term.op, operand_of(term, inner.attribute))])


def _holds(place: Place, operand: str) -> Sql:
    name = place.path[-1] if place.path else "value"
    if place.entries == (MEMBERS,) and name == "type":
        return Sql(text=_HAS_KIND, parameters=(operand,))
    if name != "value":
        raise _refusal(place)
    try:
        key = uuid_value(decode(ID_PREFIX, operand))
    except ValueError:
        return NEVER
    if place.entries == (MEMBERS,):
        return Sql(text=_HAS_MEMBER, parameters=(key,))
    return Sql(text=_IS_IN, parameters=(key,))


def _refusal(place: Place) -> InvalidFilterException:
    name = place.entries[0] if place.entries else ""
    return InvalidFilterException(
        detail=f"{name} can be compared by eq and ne with the id of one {name.rstrip('s')}"
    )
