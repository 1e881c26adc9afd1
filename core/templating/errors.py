"""What can go wrong with a template, and where in its source."""

from typing import Self

from core.errors import CoreError
from core.expressions.errors import position


class TemplateError(CoreError):
    """Base of the errors of templates; says where to look so that an editor can point.

    ``line`` and ``column`` count from 1, in characters. The message names kinds of values, never
    the values themselves: they may be secrets.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})"

    @classmethod
    def at(cls, message: str, source: str, offset: int) -> Self:
        """Build the error for the character at ``offset`` of ``source``."""
        return cls(message, *position(source, offset))


class TemplateSyntaxError(TemplateError):
    """The text is not a template of its kind; found when it is compiled."""


class TemplateRenderError(TemplateError):
    """The template cannot be rendered with the values it was given."""
