"""One comparison of a filter as SQL (RFC 7644, section 3.4.2.2)."""

from typing import Any

from scim2_models.path import (
    ORDERING_OPERATORS,
    CompareOperator,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
)

from scim.filters.conditions import NEVER, Sql, every, negated, some
from scim.filters.dialects import Dialect, Path
from scim.schemas.attributes import Attribute

TEXT_KINDS = ("string", "reference")
_SIGNS = {
    CompareOperator.gt: ">",
    CompareOperator.ge: ">=",
    CompareOperator.lt: "<",
    CompareOperator.le: "<=",
}


class Combining(FilterVisitor[Sql]):
    """What ``and``, ``or`` and ``not`` make of conditions, wherever these are about."""

    def visit_not(self, node: Not) -> Sql:
        return negated(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Sql:
        terms = [self.visit(term) for term in node.terms]
        return every(terms) if node.op == LogicalOperator.and_ else some(terms)


def present(dialect: Dialect, document: str, attribute: Attribute, path: Path) -> Sql:
    """Return whether something stands at ``path``; a complex attribute needs one that is not empty."""
    if attribute.type == "complex":
        return some(
            present(dialect, document, child, (*path, child.name))
            for child in attribute.children.values()
        )
    value = dialect.value(document, path, attribute.type)
    test = "<> ''" if attribute.type in (*TEXT_KINDS, "binary") else "IS NOT NULL"
    return Sql(text=f"{value.text} {test}", parameters=value.parameters)


def compared(
    dialect: Dialect, value: Sql, kind: str, operator: CompareOperator, operand: Any
) -> Sql:
    """Return ``value operator operand``; ``operand`` is in the form in which values are kept.

    A missing value equals null alone, differs from everything else, and has no order.
    """
    if operand is None:
        return _compared_with_nothing(value, operator)
    if operator in (CompareOperator.eq, CompareOperator.ne):
        return equality(value, operator, dialect.operand(operand, kind))
    if operator in ORDERING_OPERATORS:
        return _infix(value, _SIGNS[operator], dialect.operand(operand, kind))
    if kind not in TEXT_KINDS or not isinstance(operand, str):
        return NEVER
    return _parted(dialect, value, operator, operand)


def _parted(dialect: Dialect, value: Sql, operator: CompareOperator, operand: str) -> Sql:
    """Return whether ``operand`` is a part of a text, its beginning or its end."""
    if operator == CompareOperator.co:
        return dialect.contains(value, operand)
    if operator == CompareOperator.sw:
        return dialect.starts(value, operand)
    return dialect.ends(value, operand)


def equality(value: Sql, operator: CompareOperator, operand: Sql) -> Sql:
    """Return whether ``value`` equals ``operand``, or whether it does not."""
    if operator == CompareOperator.eq:
        return _infix(value, "=", operand)
    parameters = (*value.parameters, *operand.parameters)
    return Sql(text=f"({value.text} = {operand.text}) IS NOT TRUE", parameters=parameters)


def _compared_with_nothing(value: Sql, operator: CompareOperator) -> Sql:
    if operator == CompareOperator.eq:
        return Sql(text=f"{value.text} IS NULL", parameters=value.parameters)
    if operator == CompareOperator.ne:
        return Sql(text=f"{value.text} IS NOT NULL", parameters=value.parameters)
    return NEVER


def _infix(left: Sql, sign: str, right: Sql) -> Sql:
    text = f"{left.text} {sign} {right.text}"
    return Sql(text=text, parameters=(*left.parameters, *right.parameters))
