"""A filter becomes a condition of SQL on ``scim_resource r`` (RFC 7644, section 3.4.2.2).

What is asked for and cannot be answered in SQL is refused: a condition that is left out would
answer with the users of everybody.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from scim2_models import InvalidFilterException
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
)

from core.types import Json
from scim.filters import columns, entries, relations
from scim.filters.comparing import TEXT_KINDS, Combining, compared, present
from scim.filters.conditions import NEVER, Sql, every, some
from scim.filters.dialects import Dialect, dialect
from scim.filters.places import find, find_compared, nested
from scim.folding import comparable
from scim.schemas.attributes import Attribute

DOCUMENT = "r.folded"
MAX_TERMS = 200
PARTS = (CompareOperator.co, CompareOperator.sw, CompareOperator.ew)
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    "boolean": TypeAdapter(bool),
    "integer": TypeAdapter(int),
    "decimal": TypeAdapter(float),
    "dateTime": TypeAdapter(datetime),
    "binary": TypeAdapter(str),
    "string": TypeAdapter(str),
    "reference": TypeAdapter(str),
}
# Neither database keeps a NUL in a text, or half of a character.
_WITHOUT_PLACE = re.compile("[\x00\ud800-\udfff]")


def condition(node: FilterNode, trees: Mapping[str, Attribute]) -> Sql:
    """Return the condition on the resources of the types ``trees`` (by their names).

    A type that lacks an attribute has no resource for which the comparison holds. The filter must
    have been validated. Raises InvalidFilterException for what cannot be compared.
    """
    if _terms(node) > MAX_TERMS:
        raise InvalidFilterException(detail=f"A filter may have at most {MAX_TERMS} comparisons")
    branches = []
    for kind, tree in trees.items():
        of_kind = Sql(text="r.kind = %s", parameters=(kind,))
        branches.append(every([of_kind, Compiler(kind, tree, dialect()).visit(node)]))
    return some(branches)


def _terms(node: FilterNode) -> int:
    if isinstance(node, LogicalExpr):
        return sum(_terms(term) for term in node.terms)
    if isinstance(node, Not):
        return _terms(node.expr)
    return 1 + _terms(node.val_filter) if isinstance(node, ValuePath) else 1


def operand_of(node: Comparison, attribute: Attribute) -> Json:
    """Return what a filter compares with, in the form in which values are kept.

    Raises InvalidFilterException for characters that no stored value has, and for what no value of
    the attribute could be: the core of SCIM lets that pass for lists of plain values.
    """
    value: Json = node.value
    if isinstance(value, str) and _WITHOUT_PLACE.search(value):
        raise InvalidFilterException(detail=f"{node.attr_path}: no value has such characters")
    if node.op in PARTS:
        return comparable(value, attribute) if attribute.type in TEXT_KINDS else value
    if value is None or attribute.type not in _ADAPTERS:
        return value
    try:
        operand = _ADAPTERS[attribute.type].validate_python(value)
    except ValidationError:
        raise _not_one(node, attribute) from None
    if isinstance(operand, float) and not math.isfinite(operand):
        raise _not_one(node, attribute)
    return comparable(operand, attribute)


def _not_one(node: Comparison, attribute: Attribute) -> InvalidFilterException:
    return InvalidFilterException(detail=f"{node.attr_path} is compared with a {attribute.type}")


class Compiler(Combining):
    """Writes the condition for the resources of one type."""

    def __init__(self, kind: str, tree: Attribute, dialect: Dialect) -> None:
        self.kind = kind
        self.tree = tree
        self.dialect = dialect

    def visit_comparison(self, node: Comparison) -> Sql:
        place = find_compared(self.tree, node.attr_path)
        if place is None:
            return NEVER
        operand = operand_of(node, place.attribute)
        if relations.is_relation(place):
            return relations.compared(place, node.op, operand)
        if column := columns.compared(self.dialect, self.kind, place, node.op, operand):
            return column
        if place.entries is not None:
            return entries.compared(self.dialect, place, node.op, operand)
        if node.op == CompareOperator.eq and operand is not None:
            held = self.dialect.holds(DOCUMENT, nested(place.path, operand))
            if held is not None:
                return held
        value = self.dialect.value(DOCUMENT, place.path, place.attribute.type)
        return compared(self.dialect, value, place.attribute.type, node.op, operand)

    def visit_present(self, node: Present) -> Sql:
        place = find(self.tree, node.attr_path)
        if place is None:
            return NEVER
        if relations.is_relation(place):
            return relations.present(place)
        if column := columns.present(place):
            return column
        if place.entries is not None:
            return entries.present(self.dialect, place)
        return present(self.dialect, DOCUMENT, place.attribute, place.path)

    def visit_value_path(self, node: ValuePath) -> Sql:
        place = find(self.tree, node.attr_path)
        if place is None or place.entries is None:
            return NEVER
        if relations.is_relation(place):
            return relations.selected(place, node.val_filter, operand_of)
        return entries.selected(self.dialect, place, node.val_filter, operand_of)
