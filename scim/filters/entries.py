"""Filters on attributes with several values, such as ``emails[type eq "work"]``."""

from collections.abc import Callable

from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Present,
    ValuePath,
)

from core.types import Json
from scim.filters import comparing
from scim.filters.comparing import Combining
from scim.filters.conditions import ALWAYS, NEVER, Sql, every, negated, some
from scim.filters.dialects import Dialect
from scim.filters.places import VALUE, Place, find_compared, nested
from scim.schemas.attributes import Attribute

DOCUMENT, ENTRY = "r.folded", "e.value"

OperandOf = Callable[[Comparison, Attribute], Json]


def compared(dialect: Dialect, place: Place, operator: CompareOperator, operand: Json) -> Sql:
    """Return whether an entry compares so; for ``ne``, whether all of them do.

    Nothing at all compares as a single missing value does.
    """
    kind = place.attribute.type
    if operator == CompareOperator.ne and operand is not None:
        return negated(compared(dialect, place, CompareOperator.eq, operand))
    if operator == CompareOperator.eq and operand is not None:
        held = dialect.holds(DOCUMENT, _containing(place, operand))
        if held is not None:
            return held
    value = dialect.value(ENTRY, place.path, kind)
    found = _any(dialect, place, comparing.compared(dialect, value, kind, operator, operand))
    if operand is not None or operator not in (CompareOperator.eq, CompareOperator.ne):
        return found
    lacking = comparing.compared(dialect, value, kind, CompareOperator.eq, None)
    one_lacks, there_is_one = _any(dialect, place, lacking), _any(dialect, place, ALWAYS)
    if operator == CompareOperator.ne:
        return every([there_is_one, negated(one_lacks)])
    return some([one_lacks, negated(there_is_one)])


def present(dialect: Dialect, place: Place) -> Sql:
    """Return whether one of the entries is not empty."""
    return _any(dialect, place, comparing.present(dialect, ENTRY, place.attribute, place.path))


def selected(dialect: Dialect, place: Place, node: FilterNode, operand_of: OperandOf) -> Sql:
    """Return whether one and the same entry fulfils the filter in brackets."""
    compiler = EntryCompiler(dialect, place.attribute, operand_of)
    content = compiler.content(node)
    if content is not None:
        held = dialect.holds(DOCUMENT, _in_list(place, content))
        if held is not None:
            return held
    return _any(dialect, place, compiler.visit(node))


class EntryCompiler(Combining):
    """Writes the condition on one entry ``e.value``."""

    def __init__(self, dialect: Dialect, entry: Attribute, operand_of: OperandOf) -> None:
        self.dialect = dialect
        self.entry = entry
        self.operand_of = operand_of

    def visit_comparison(self, node: Comparison) -> Sql:
        place = self._place(node)
        if place is None:
            return NEVER
        operand = self.operand_of(node, place.attribute)
        value = self.dialect.value(ENTRY, place.path, place.attribute.type)
        return comparing.compared(self.dialect, value, place.attribute.type, node.op, operand)

    def visit_present(self, node: Present) -> Sql:
        place = self._place(node)
        if place is None:
            return NEVER
        return comparing.present(self.dialect, ENTRY, place.attribute, place.path)

    def visit_value_path(self, node: ValuePath) -> Sql:
        return NEVER

    def content(self, node: FilterNode) -> Json:
        """Return what an entry must contain when the filter is nothing but equalities, or None."""
        terms = node.terms if isinstance(node, LogicalExpr) else (node,)
        if isinstance(node, LogicalExpr) and node.op != LogicalOperator.and_:
            return None
        content: dict[str, Json] = {}
        for term in terms:
            if not isinstance(term, Comparison) or term.op != CompareOperator.eq:
                return None
            place = self._place(term)
            if place is None or not place.path or term.value is None or place.path[0] in content:
                return None
            content[place.path[0]] = self.operand_of(term, place.attribute)
        return content

    def _place(self, node: Comparison | Present) -> Place | None:
        """Return where the compared value stands in the entry; a plain one is its own ``value``."""
        if self.entry.type != "complex":
            itself = node.attr_path.attr.lower() == VALUE and not node.attr_path.sub_attr
            return Place(attribute=self.entry, path=()) if itself else None
        return find_compared(self.entry, node.attr_path)


def _any(dialect: Dialect, place: Place, condition: Sql) -> Sql:
    table = dialect.entries(DOCUMENT, place.entries or ())
    return Sql(
        text=f"EXISTS (SELECT 1 FROM {table.text} WHERE {condition.text})",  # noqa: S608  # values are parameters
        parameters=(*table.parameters, *condition.parameters),
    )


def _containing(place: Place, operand: Json) -> Json:
    """Return the document with one entry that has ``operand`` at its place."""
    return _in_list(place, nested(place.path, operand))


def _in_list(place: Place, entry: Json) -> Json:
    return nested(place.entries or (), [entry])
