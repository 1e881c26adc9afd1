"""One comparison of a filter as SQL (RFC 7644, section 3.4.2.2)."""

from typing import Any

from scim2_models.path import ORDERING_OPERATORS, CompareOperator

from scim.filters.conditions import NEVER, Sql
from scim.filters.dialects import Dialect

TEXT_KINDS = ("string", "reference")
_SIGNS = {
    CompareOperator.gt: ">",
    CompareOperator.ge: ">=",
    CompareOperator.lt: "<",
    CompareOperator.le: "<=",
}


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
