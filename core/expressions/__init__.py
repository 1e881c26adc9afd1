"""The expression language of templates, filters and mappings (reference: docs/expressions.md)."""

from core.expressions.catalogue import signatures
from core.expressions.errors import (
    ExpressionError,
    ExpressionEvaluationError,
    ExpressionSyntaxError,
)
from core.expressions.expression import Expression, compile_expression, matches

__all__ = [
    "Expression",
    "ExpressionError",
    "ExpressionEvaluationError",
    "ExpressionSyntaxError",
    "compile_expression",
    "matches",
    "signatures",
]
