"""Orders of results as SQL (RFC 7644, section 3.4.2.3), and where in them a page begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim2_models import InvalidCursorException, InvalidPathException
from scim2_models.path import AttrPath

from core.ids import decode
from core.sql import moment_value, read_moment, uuid_value
from scim.filters import columns, relations
from scim.filters.compiling import DOCUMENT
from scim.filters.conditions import Sql, some
from scim.filters.dialects import Dialect, dialect
from scim.filters.entries import ENTRY
from scim.filters.places import VALUE, Place, find
from scim.schemas.attributes import Attribute

NOTHING = Sql(text="NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How results are sorted: by ``value`` where there is one, what has none last, then by id.

    A descending order is the exact reverse.
    """

    value: Sql | None = None
    kind: str = "string"
    descending: bool = False

    def clause(self, *, reverse: bool = False) -> Sql:
        """Return what follows ORDER BY."""
        way = "DESC" if self.descending != reverse else "ASC"
        if self.value is None:
            return Sql(text=f"r.id {way}")
        missing = f"({self.value.text}) IS NULL {way}"
        parameters = self.value.parameters
        return Sql(
            text=f"{missing}, {self.value.text} {way}, r.id {way}",
            parameters=(*parameters, *parameters),
        )

    def beyond(self, anchor: "Anchor") -> Sql:
        """Return the condition on what comes behind ``anchor``, or before it."""
        sign = ">" if self.descending == anchor.before else "<"
        identity = uuid_value(_decoded(anchor.id))
        if self.value is None:
            return Sql(text=f"r.id {sign} %s", parameters=(identity,))
        value, parameters = self.value.text, self.value.parameters
        if anchor.value is None:
            later = Sql(
                text=f"{value} IS NULL AND r.id {sign} %s", parameters=(*parameters, identity)
            )
            if sign == ">":
                return later
            return some([Sql(text=f"{value} IS NOT NULL", parameters=parameters), later])
        operand = self._operand(anchor.value)
        text = f"{value} {sign} {operand.text} OR ({value} = {operand.text} AND r.id {sign} %s)"
        bound = (*parameters, *operand.parameters)
        compared = Sql(text=text, parameters=(*bound, *bound, identity))
        if sign == "<":
            return compared
        return some([compared, Sql(text=f"{value} IS NULL", parameters=parameters)])

    def _operand(self, value: Any) -> Sql:
        if self.kind == "moment":
            try:
                return Sql(text="%s", parameters=(moment_value(read_moment(value)),))
            except (TypeError, ValueError):
                raise InvalidCursorException from None
        if self.kind == "boolean":
            return dialect().operand(value in (True, 1, "true"), self.kind)
        return dialect().operand(value, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The last resource of a page, from which the next begins; the first, for the page ``before``."""

    value: Any
    id: str
    before: bool = False


def order(attr_path: AttrPath | None, trees: Mapping[str, Attribute], *, descending: bool) -> Order:
    """Return the order by an attribute, or by age. What a type lacks has no value.

    Raises InvalidPathException for what cannot be sorted by.
    """
    if attr_path is None:
        return Order(descending=False)
    found = {kind: find(tree, attr_path) for kind, tree in trees.items()}
    places = {kind: place for kind, place in found.items() if place is not None}
    values = {kind: _value(dialect(), kind, place) for kind, place in places.items()}
    if not values:
        return Order(descending=descending)
    kinds = {type_ for _, type_ in values.values()}
    if len(kinds) > 1:
        raise InvalidPathException(detail=f"{attr_path} is not of one type everywhere")
    return Order(value=_by_kind(values), kind=kinds.pop(), descending=descending)


def _by_kind(values: Mapping[str, tuple[Sql, str]]) -> Sql:
    if len(values) == 1:
        return next(iter(values.values()))[0]
    cases = [
        Sql(text=f"WHEN r.kind = %s THEN {value.text}", parameters=(kind, *value.parameters))
        for kind, (value, _) in values.items()
    ]
    parameters = tuple(each for case in cases for each in case.parameters)
    return Sql(text=f"CASE {' '.join(case.text for case in cases)} END", parameters=parameters)


def _value(dialect: Dialect, kind: str, place: Place) -> tuple[Sql, str]:
    """Return what is sorted by, and of which type it is."""
    if relations.is_relation(place):
        raise InvalidPathException(detail="Results cannot be sorted by members or groups")
    if place.path[:1] == (columns.META,):
        value, type_ = columns.value_of(dialect, kind, place)
        return value, "moment" if type_ == "dateTime" else type_
    if len(place.path) == 1 and (kind, place.path[0]) in columns.KEYS:
        return Sql(text=dialect.text(columns.KEYS[kind, place.path[0]])), "string"
    place = _leaf(place)
    if place.entries is not None:
        return _of_first_entry(dialect, place), place.attribute.type
    return dialect.value(DOCUMENT, place.path, place.attribute.type), place.attribute.type


def _leaf(place: Place) -> Place:
    """Return the place of the value of a complex attribute."""
    if place.attribute.type != "complex":
        return place
    value = place.attribute.child(VALUE)
    if value is None:
        raise InvalidPathException(detail=f"Results cannot be sorted by {place.attribute.name}")
    return Place(attribute=value, path=(*place.path, value.name), entries=place.entries)


def _of_first_entry(dialect: Dialect, place: Place) -> Sql:
    """Return the value of the primary entry, or else of the first one."""
    table = dialect.entries(DOCUMENT, place.entries or ())
    value = dialect.value(ENTRY, place.path, place.attribute.type)
    found = f"SELECT {value.text} FROM {table.text}"  # noqa: S608  # values are parameters
    parameters = (*value.parameters, *table.parameters)
    if not place.path:
        return Sql(text=f"({found} LIMIT 1)", parameters=parameters)
    primary = dialect.value(ENTRY, ("primary",), "boolean")
    true = dialect.operand(value=True, kind="boolean")
    return Sql(
        text=f"({found} ORDER BY CASE WHEN {primary.text} = {true.text} THEN 0 ELSE 1 END LIMIT 1)",
        parameters=(*parameters, *primary.parameters, *true.parameters),
    )


def _decoded(identity: str) -> Any:
    try:
        return decode(columns.ID_PREFIX, identity)
    except ValueError:
        raise InvalidCursorException from None
