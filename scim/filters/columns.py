"""What filters and sort orders find in columns of its own, most of which have an index."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from scim2_models import InvalidFilterException
from scim2_models.path import CompareOperator

from core.ids import decode
from core.sql import moment_value, uuid_value
from core.types import Json
from scim.filters import comparing
from scim.filters.conditions import ALWAYS, NEVER, Sql
from scim.filters.dialects import Dialect
from scim.filters.places import Place
from scim.folding import in_utc

ID_PREFIX = "scm"
META = "meta"
KEYS = {("User", "userName"): "r.key", ("Group", "displayName"): "r.key"}
MOMENTS = {"created": "r.created_at", "lastModified": "r.updated_at"}
_MOMENT: TypeAdapter[datetime] = TypeAdapter(datetime)


def compared(
    dialect: Dialect, kind: str, place: Place, operator: CompareOperator, operand: Json
) -> Sql | None:
    """Return the comparison with a column, or None for what has none."""
    if place.path[:1] == (META,):
        value, type_ = value_of(dialect, kind, place)
        if type_ == "dateTime" and operand is not None:
            return _compared_moment(value, operator, operand)
        return comparing.compared(dialect, value, type_, operator, operand)
    if operator != CompareOperator.eq or not isinstance(operand, str):
        return None
    return _equals(kind, place, operand)


def _equals(kind: str, place: Place, operand: str) -> Sql | None:
    if place.path == ("id",):
        return _is_id(operand)
    if place.path == ("externalId",):
        return Sql(text="r.external_id = %s", parameters=(operand,))
    if len(place.path) == 1 and (kind, place.path[0]) in KEYS:
        return Sql(text="r.key = %s", parameters=(operand,))
    return None


def present(place: Place) -> Sql | None:
    """Return whether a column holds something, or None for what has none."""
    return ALWAYS if place.path[:1] == (META,) else None


def value_of(dialect: Dialect, kind: str, place: Place) -> tuple[Sql, str]:
    """Return the SQL and the type of an attribute of ``meta``.

    Raises InvalidFilterException for ``meta.location``, which depends on who asks.
    """
    name = place.path[-1]
    if name in MOMENTS:
        return Sql(text=MOMENTS[name]), "dateTime"
    if name == "version":
        return Sql(text=dialect.text("('W/\"' || r.version || '\"')")), "string"
    if name == "resourceType":
        return Sql(text=dialect.text("r.kind")), "string"
    raise InvalidFilterException(detail=f"meta.{name} cannot be compared")


def _is_id(operand: str) -> Sql:
    try:
        key = decode(ID_PREFIX, operand)
    except ValueError:
        return NEVER
    return Sql(text="r.id = %s", parameters=(uuid_value(key),))


def _compared_moment(value: Sql, operator: CompareOperator, operand: Any) -> Sql:
    """Compare with a moment; to look for a part of it (``co``) finds nothing."""
    sign = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}.get(operator.value)
    if sign is None:
        return NEVER
    moment = in_utc(_MOMENT.validate_python(operand))
    return Sql(text=f"{value.text} {sign} %s", parameters=(moment_value(moment),))
