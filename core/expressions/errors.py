"""What can go wrong with an expression, and where in its source."""

from typing import Self

from core.errors import CoreError


def position(source: str, offset: int) -> tuple[int, int]:
    """Return line and column of ``offset`` in ``source``, both counted from 1 in characters."""
    line_start = source.rfind("\n", 0, offset) + 1
    return source.count("\n", 0, offset) + 1, offset - line_start + 1


class ExpressionError(CoreError):
    """Base of the errors of expressions; says where to look so that an editor can point.

    ``line`` and ``column`` count from 1, ``offset`` from 0, all in characters. The message names
    kinds of values, never the values themselves: they may be secrets.
    """

    def __init__(self, message: str, line: int, column: int, offset: int) -> None:
        super().__init__(message, line, column, offset)
        self.message = message
        self.line = line
        self.column = column
        self.offset = offset

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})"

    @classmethod
    def at(cls, message: str, source: str, offset: int) -> Self:
        """Build the error for the character at ``offset`` of ``source``."""
        line, column = position(source, offset)
        return cls(message, line, column, offset)


class ExpressionSyntaxError(ExpressionError):
    """The text is not an expression; found when it is compiled."""


class ExpressionEvaluationError(ExpressionError):
    """The expression cannot be computed from the values it was given."""
