"""Relaxed JSON: JSON with holes, and what people paste from JavaScript in its place.

Accepted beyond RFC 8259: unquoted keys, single quotes, comments, commas before a closing bracket,
hexadecimal numbers, ``+1``, ``.5``, ``5.``, the escapes and white space of ECMA-262, and holes.
One parser gives both the strict JSON text around the holes and the value.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from core.templating.errors import TemplateSyntaxError
from core.templating.escapes import JSON_ESCAPE, SURROGATE, escape_surrogates, read_escape
from core.templating.holes import CLOSING, OPENING, Hole, read_hole
from core.templating.scalars import read_number

MAX_TEMPLATE_CHARACTERS: Final = 100_000
MAX_NESTING: Final = 50

RelaxedJson = (
    None | bool | int | float | str | Hole | list["RelaxedJson"] | dict[str, "RelaxedJson"]
)

_JSON_SPACE = re.compile(r"[ \t\n\r]+")
_OTHER_SPACE = re.compile(r"[\s\ufeff]+")
_COMMENT = re.compile(r"//[^\n\r\u2028\u2029]*|/\*[\s\S]*?\*/")
_WORD = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_PLAIN_CHARACTERS = re.compile("[^'\"\\\\{\x00-\x1f\ud800-\udfff]+")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
# Inside a string: a quote of the other kind, and a brace that opens no hole.
_SELF_STANDING: Final = {'"': '\\"', "'": "'", "{": "{"}
_NUMBER_START: Final = frozenset("+-.0123456789")
_HINTS: Final = {
    "`": "use single or double quotes",
    "\u2018": "use straight quotes",
    "\u2019": "use straight quotes",
    "\u201c": "use straight quotes",
    "\u201d": "use straight quotes",
    "undefined": "write null",
    "NaN": "JSON has no such number",
    "Infinity": "JSON has no such number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read: strict JSON text with holes between its pieces, and the value."""

    pieces: tuple[str | Hole, ...]
    value: RelaxedJson


def read_relaxed_json(source: str) -> Document:
    """Read relaxed JSON with holes; raises TemplateSyntaxError where it is none.

    Strict JSON keeps every character outside of holes.
    """
    if len(source) > MAX_TEMPLATE_CHARACTERS:
        raise TemplateSyntaxError.at(
            f"the text is longer than {MAX_TEMPLATE_CHARACTERS:,} characters",
            source,
            MAX_TEMPLATE_CHARACTERS,
        )
    return _Reader(source).read()


def parse_relaxed_json(text: str) -> RelaxedJson:
    """Return the value of relaxed JSON; raises TemplateSyntaxError.

    Holes inside strings stay as they are written there; other holes become ``Hole``.
    ``write_template`` turns the value, or a part of it, back into the source of a template.
    """
    return read_relaxed_json(text).value


def write_template(value: RelaxedJson, *, indent: str = "") -> str:
    """Write a value that was read from relaxed JSON as the source of a JSON template."""
    deeper = indent + "  "
    if isinstance(value, Hole):
        return OPENING + value.source + CLOSING
    if isinstance(value, dict) and value:
        members = [
            f"{deeper}{_write_scalar(key)}: {write_template(item, indent=deeper)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        items = [deeper + write_template(item, indent=deeper) for item in value]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    return _write_scalar(value)


def _write_scalar(value: RelaxedJson) -> str:
    return escape_surrogates(json.dumps(value, ensure_ascii=False))


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._offset = 0
        self._depth = 0
        self._pieces: list[str | Hole] = []

    def read(self) -> Document:
        self._space()
        value = self._value()
        self._space()
        if self._offset < len(self._source):
            raise self._unexpected("; expected the end")
        return Document(pieces=_merged(self._pieces), value=value)

    def _space(self) -> None:
        """Skip white space and comments; keep the white space, as JSON knows it."""
        while self._offset < len(self._source):
            if found := _JSON_SPACE.match(self._source, self._offset):
                self._pieces.append(found[0])
            elif found := _OTHER_SPACE.match(self._source, self._offset):
                self._pieces.append(" " if self._offset else "")
            elif not (found := _COMMENT.match(self._source, self._offset)):
                if self._source.startswith("/*", self._offset):
                    raise self._error("the comment is not closed by '*/'")
                return
            self._offset = found.end()

    def _peek(self) -> str:
        return self._source[self._offset : self._offset + 1]

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._pieces.append(character)
        self._offset += 1
        return True

    def _value(self) -> RelaxedJson:
        character = self._peek()
        if self._source.startswith(OPENING, self._offset):
            return self._hole()
        if character == "{":
            return self._object()
        if character == "[":
            return self._list()
        if character in {'"', "'"}:
            return self._string()
        if character and character in _NUMBER_START:
            number = read_number(self._source, self._offset)
            self._pieces.append(number.json_text)
            self._offset = number.end
            return number.value
        return self._constant()

    def _constant(self) -> RelaxedJson:
        found = _WORD.match(self._source, self._offset)
        if not found or found[0] not in _CONSTANTS:
            raise self._unexpected("; expected a value")
        self._pieces.append(found[0])
        self._offset = found.end()
        return _CONSTANTS[found[0]]

    def _hole(self, *, quoted: bool = False) -> Hole:
        hole, self._offset = read_hole(self._source, self._offset, quoted=quoted)
        self._pieces.append(hole)
        return hole

    def _object(self) -> dict[str, RelaxedJson]:
        members: dict[str, RelaxedJson] = {}

        def read_member() -> None:
            start = self._offset
            key = self._key()
            if key in members:
                raise TemplateSyntaxError.at("the object has this key already", self._source, start)
            self._space()
            if not self._take(":"):
                raise self._unexpected("; expected ':'")
            self._space()
            members[key] = self._value()

        self._bracketed("}", read_member)
        return members

    def _list(self) -> list[RelaxedJson]:
        items: list[RelaxedJson] = []
        self._bracketed("]", lambda: items.append(self._value()))
        return items

    def _bracketed(self, closing: str, read_entry: Callable[[], None]) -> None:
        """Read entries with commas between them; a comma after the last one is dropped."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self._error(f"the text is nested deeper than {MAX_NESTING} levels")
        self._take(self._peek())
        self._space()
        while not self._take(closing):
            read_entry()
            self._space()
            comma = len(self._pieces)
            if self._take(","):
                self._space()
                if self._peek() == closing:
                    self._pieces[comma] = ""
            elif self._peek() != closing:
                raise self._unexpected(f"; expected ',' or '{closing}'")
        self._depth -= 1

    def _key(self) -> str:
        if self._peek() in {'"', "'"}:
            return self._string()
        if self._source.startswith(OPENING, self._offset):
            raise self._error("a hole in a key stands in quotes")
        found = _WORD.match(self._source, self._offset)
        if not found:
            raise self._unexpected("; expected a key")
        self._pieces.append(json.dumps(found[0], ensure_ascii=False))
        self._offset = found.end()
        return found[0]

    def _string(self) -> str:
        quote, start, first = self._peek(), self._offset, len(self._pieces)
        self._pieces.append('"')
        self._offset += 1
        while self._peek() != quote:
            if self._offset >= len(self._source):
                raise TemplateSyntaxError.at("the string has no closing quote", self._source, start)
            self._string_part()
        self._offset += 1
        self._pieces.append('"')
        written = [
            piece if isinstance(piece, str) else _write_scalar(write_template(piece))[1:-1]
            for piece in self._pieces[first:]
        ]
        return str(json.loads("".join(written)))

    def _string_part(self) -> None:
        source, offset = self._source, self._offset
        if source.startswith(OPENING, offset):
            self._hole(quoted=True)
        elif found := _PLAIN_CHARACTERS.match(source, offset) or JSON_ESCAPE.match(source, offset):
            self._pieces.append(found[0])
            self._offset = found.end()
        elif source[offset] == "\\":
            character, self._offset = read_escape(source, offset)
            self._pieces.append(json.dumps(character)[1:-1])
        elif source[offset] in _SELF_STANDING:
            self._pieces.append(_SELF_STANDING[source[offset]])
            self._offset += 1
        elif SURROGATE.match(source, offset):
            raise self._error("the text contains half of a surrogate pair")
        else:
            raise self._error("a string cannot contain line breaks and control characters")

    def _unexpected(self, expectation: str) -> TemplateSyntaxError:
        found = _WORD.match(self._source, self._offset)
        shown = found[0] if found else self._peek()
        if not shown:
            return self._error(f"the text ends too early{expectation}")
        hint = f"; {_HINTS[shown]}" if shown in _HINTS else expectation
        return self._error(f"unexpected {shown[:40]!a}{hint}")

    def _error(self, message: str) -> TemplateSyntaxError:
        return TemplateSyntaxError.at(message, self._source, self._offset)


def _merged(pieces: Iterable[str | Hole]) -> tuple[str | Hole, ...]:
    """Join texts that have no hole between them."""
    merged: list[str | Hole] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        merged += [text, piece] if text else [piece]
        text = ""
    return (*merged, text) if text else tuple(merged)
