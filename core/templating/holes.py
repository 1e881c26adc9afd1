"""Holes: where ``{{ expression }}`` stands in the source of a template."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.templating.errors import TemplateSyntaxError
from core.templating.escapes import read_escape

OPENING: Final = "{{"
CLOSING: Final = "}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A hole and the source of its expression.

    ``quoted`` says that it stands inside a string of JSON. ``start`` is the offset of its first
    brace in the template; ``offsets`` has one offset in the template for each character of
    ``source``, and one more for its end. Two holes are equal when they render the same.
    """

    source: str
    quoted: bool = False
    start: int = field(default=0, compare=False, repr=False)
    offsets: Sequence[int] = field(default=(), compare=False, repr=False)

    def locate(self, offset: int) -> int:
        """Return the offset in the template of the character at ``offset`` of the expression."""
        return self.offsets[min(offset, len(self.offsets) - 1)] if self.offsets else self.start


def read_hole(source: str, start: int, *, quoted: bool = False) -> tuple[Hole, int]:
    """Read the hole that starts at ``start``, and return where it ends.

    Braces in the texts of the expression do not end it. Inside a string of JSON the escapes of
    that string are resolved first, so a template stays what it is when JSON tools rewrite it; a
    quote that should have been escaped there is taken as it is meant.
    """
    characters: list[str] = []
    offsets: list[int] = []
    text_quote, escaped = "", False
    offset = start + len(OPENING)
    while offset < len(source):
        if not text_quote and source.startswith(CLOSING, offset):
            hole = Hole(
                source="".join(characters),
                quoted=quoted,
                start=start,
                offsets=_compact([*offsets, offset]),
            )
            return hole, offset + len(CLOSING)
        character, end = source[offset], offset + 1
        if quoted and character == "\\":
            character, end = read_escape(source, offset)
        if character:
            characters.append(character)
            offsets.append(offset)
        offset = end
        if escaped:
            escaped = False
        elif text_quote:
            escaped = character == "\\"
            text_quote = "" if character == text_quote else text_quote
        elif character in {"'", '"'}:
            text_quote = character
    hint = "; a text in it has no closing quote" if text_quote else ""
    raise TemplateSyntaxError.at(f"the hole is not closed by '}}}}'{hint}", source, start)


def _compact(offsets: Sequence[int]) -> Sequence[int]:
    """Keep a run of offsets as a range: compiled templates stay in memory."""
    run = range(offsets[0], offsets[-1] + 1)
    return run if len(run) == len(offsets) else tuple(offsets)


def split_holes(source: str) -> list[str | Hole]:
    """Split the source of a template without a syntax of its own into texts and holes."""
    pieces: list[str | Hole] = []
    offset = 0
    while (start := source.find(OPENING, offset)) >= 0:
        if start > offset:
            pieces.append(source[offset:start])
        hole, offset = read_hole(source, start)
        pieces.append(hole)
    if offset < len(source):
        pieces.append(source[offset:])
    return pieces
