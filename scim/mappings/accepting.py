"""Filters in brackets, such as ``emails[type eq "work"]``, asked of one entry in memory."""

from collections.abc import Callable, Mapping
from typing import Any

from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from core.expressions.values import is_number
from core.types import Json
from scim.folding import fold

Accepts = Callable[[Json], bool]
VALUE = "value"
_PARTS: Mapping[CompareOperator, Callable[[str, str], bool]] = {
    CompareOperator.co: lambda text, part: part in text,
    CompareOperator.sw: lambda text, part: text.startswith(part),
    CompareOperator.ew: lambda text, part: text.endswith(part),
}
_ORDERS: Mapping[CompareOperator, Callable[[Any, Any], bool]] = {
    CompareOperator.gt: lambda one, other: one > other,
    CompareOperator.ge: lambda one, other: one >= other,
    CompareOperator.lt: lambda one, other: one < other,
    CompareOperator.le: lambda one, other: one <= other,
}


def accepting(node: FilterNode) -> Accepts:
    """Return the filter as a question to an entry. Texts are compared without case."""
    return _Compiler().visit(node)


class _Compiler(FilterVisitor[Accepts]):
    def visit_comparison(self, node: Comparison) -> Accepts:
        name, operator, wanted = node.attr_path.attr, node.op, _comparable(node.value)
        if operator == CompareOperator.eq:
            return lambda entry: _same(_value(entry, name), wanted)
        if operator == CompareOperator.ne:
            return lambda entry: not _same(_value(entry, name), wanted)
        if operator in _PARTS:
            return _parted(name, _PARTS[operator], wanted)
        return _ordered(name, _ORDERS[operator], wanted)

    def visit_present(self, node: Present) -> Accepts:
        name = node.attr_path.attr
        return lambda entry: _value(entry, name) not in (None, "", [], {})

    def visit_not(self, node: Not) -> Accepts:
        accepts = self.visit(node.expr)
        return lambda entry: not accepts(entry)

    def visit_logical_expr(self, node: LogicalExpr) -> Accepts:
        terms = [self.visit(term) for term in node.terms]
        if node.op == LogicalOperator.and_:
            return lambda entry: all(accepts(entry) for accepts in terms)
        return lambda entry: any(accepts(entry) for accepts in terms)

    def visit_value_path(self, node: ValuePath) -> Accepts:
        return lambda entry: False


def _parted(name: str, compare: Callable[[str, str], bool], wanted: Json) -> Accepts:
    def accepts(entry: Json) -> bool:
        value = _value(entry, name)
        return isinstance(value, str) and isinstance(wanted, str) and compare(value, wanted)

    return accepts


def _ordered(name: str, compare: Callable[[Any, Any], bool], wanted: Json) -> Accepts:
    def accepts(entry: Json) -> bool:
        value = _value(entry, name)
        texts = isinstance(value, str) and isinstance(wanted, str)
        return (texts or (is_number(value) and is_number(wanted))) and compare(value, wanted)

    return accepts


def _value(entry: Json, name: str) -> Json:
    """Return what an entry has under a name; a plain entry is its own ``value``."""
    if isinstance(entry, Mapping):
        return _comparable(entry.get(name))
    return _comparable(entry) if name == VALUE else None


def _comparable(value: Any) -> Json:
    compared: Json = fold(value) if isinstance(value, str) else value
    return compared


def _same(one: Json, other: Json) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)
