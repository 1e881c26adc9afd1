"""The comparisons in the text of a filter, also of one that is not quite right.

This is no parser: it finds ``attribute operator value`` wherever it stands, so that a rule can put
the value right. Whether the filter as a whole makes sense is for the core to say.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_LENGTH = 65_536
"""Longer filters are left to the core unread."""

OPERATORS = frozenset(("eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le"))

# The closing quote is optional: an unterminated string is read once, not again from each quote in it.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[()\[\]]|[^\s()\[\]"]+', re.DOTALL)
_BETWEEN = frozenset(("and", "or", "not", "pr"))
_BARE = re.compile(
    r"true|false|null|and|or|not|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A comparison: the path of its attribute, and its value as it is written.

    ``named_at`` is where the path stands, None when a part of it stands before brackets.
    """

    attribute: str
    named_at: int | None
    literal: str
    start: int
    end: int

    @property
    def text(self) -> str | None:
        """Return the value when it is a proper string."""
        if not self.literal.startswith('"'):
            return None
        try:
            value = json.loads(self.literal)
        except ValueError:
            return None
        return value if isinstance(value, str) else None

    @property
    def bare(self) -> bool:
        """Whether the value is a word that stands for nothing in the grammar of filters."""
        return not self.literal.startswith('"') and _BARE.fullmatch(self.literal) is None


def quoted(text: str) -> str:
    """Return ``text`` as a string of a filter (RFC 7644, section 3.4.2.2)."""
    return json.dumps(text, ensure_ascii=False)


def edited(text: str, edit: Callable[[Comparison], str | None]) -> str:
    """Return ``text`` with the values for which ``edit`` gives another replaced."""
    if len(text) > MAX_LENGTH:
        return text
    pieces: list[str] = []
    position = 0
    for comparison in comparisons(text):
        literal = edit(comparison)
        if literal is not None:
            pieces += [text[position : comparison.start], literal]
            position = comparison.end
    return "".join([*pieces, text[position:]])


def renamed(text: str, rename: Callable[[str], str | None]) -> str:
    """Return ``text`` with the attributes for which ``rename`` gives another name renamed.

    Those in brackets belong to the attribute in front of them, and keep their names.
    """
    if len(text) > MAX_LENGTH:
        return text
    pieces: list[str] = []
    position = 0
    for comparison in comparisons(text):
        name = rename(comparison.attribute)
        if name is not None and comparison.named_at is not None:
            pieces += [text[position : comparison.named_at], name]
            position = comparison.named_at + len(comparison.attribute)
    return "".join([*pieces, text[position:]])


def comparisons(text: str) -> Iterator[Comparison]:
    """Yield the comparisons in ``text``; inside brackets the attribute is named in full."""
    outer = closed = attribute = ""
    named_at: int | None = None
    compared = False
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word in "()[]":
            outer, closed = _crossed(word, outer, closed, attribute)
            attribute, compared = "", False
        elif compared:
            if _stands_alone(text, match.end()):
                path = f"{outer}.{attribute}" if outer else attribute
                yield Comparison(
                    attribute=path,
                    named_at=None if outer else named_at,
                    literal=word,
                    start=match.start(),
                    end=match.end(),
                )
            attribute, compared = "", False
        elif attribute and word.lower() in OPERATORS:
            compared = True
        elif word.lower() in _BETWEEN:
            attribute = ""
        else:
            within = word.startswith(".")
            attribute = closed + word if within else word
            named_at = None if within else match.start()


def _crossed(bracket: str, outer: str, closed: str, attribute: str) -> tuple[str, str]:
    """Return the attribute whose brackets are open, and the one whose brackets were closed."""
    if bracket == "[":
        return attribute, ""
    if bracket == "]":
        return "", outer
    return outer, closed


def _stands_alone(text: str, end: int) -> bool:
    return end == len(text) or text[end].isspace() or text[end] in ")]"
