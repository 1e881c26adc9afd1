"""The words of an expression: numbers, texts, names and symbols, each with its place."""

import re
from enum import Enum
from math import isinf
from typing import Final, NamedTuple

from core.expressions.errors import ExpressionSyntaxError
from core.expressions.values import MAX_INTEGER
from core.types import Json

MAX_SOURCE_CHARACTERS: Final = 2_000
# Also bounds the depth of a chain such as 1 + 1 + 1 …, and so the interpreter's stack.
MAX_TOKENS: Final = 250

_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_SYMBOL = re.compile(r"==|!=|<=|>=|&&|\|\||\?\?|[-+*/%<>!?:().,\[\]]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\s\S]?))")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SIMPLE_ESCAPES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "/": "/",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_HINTS: Final = {
    "=": "use '==' to compare",
    "&": "use '&&'",
    "|": "use '||'",
    "{": "an expression has no braces",
    "}": "an expression has no braces",
    "\u2018": "use straight quotes",
    "\u2019": "use straight quotes",
    "\u201c": "use straight quotes",
    "\u201d": "use straight quotes",
    "`": "use single or double quotes",
}


class TokenKind(Enum):
    """What a word of an expression is."""

    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end"


class Token(NamedTuple):
    """One word: ``text`` as written, ``value`` of a number or text, ``offset`` of its start."""

    kind: TokenKind
    text: str
    value: Json
    offset: int


def tokenize(source: str) -> list[Token]:
    """Split an expression into its words, the last of which is always END.

    Raises ExpressionSyntaxError for characters that are no part of the language and for
    expressions beyond the limits.
    """
    if len(source) > MAX_SOURCE_CHARACTERS:
        raise ExpressionSyntaxError.at(
            f"the expression is longer than {MAX_SOURCE_CHARACTERS:,} characters",
            source,
            MAX_SOURCE_CHARACTERS,
        )
    tokens: list[Token] = []
    offset = _skip_space(source, 0)
    while offset < len(source):
        if len(tokens) == MAX_TOKENS:
            raise ExpressionSyntaxError.at(
                f"the expression has more than {MAX_TOKENS} words", source, offset
            )
        token = _read(source, offset, after_dot=bool(tokens) and tokens[-1].text == ".")
        tokens.append(token)
        offset = _skip_space(source, offset + len(token.text))
    tokens.append(Token(TokenKind.END, "", None, offset))
    return tokens


def _skip_space(source: str, offset: int) -> int:
    found = _SPACE.match(source, offset)
    return found.end() if found else offset


def _read(source: str, offset: int, *, after_dot: bool) -> Token:
    if source[offset] in "'\"":
        return _read_text(source, offset)
    if found := _NUMBER.match(source, offset):
        return Token(TokenKind.NUMBER, found[0], _number(source, found), offset)
    if found := _NAME.match(source, offset):
        kind = TokenKind.SYMBOL if found[0] == "in" and not after_dot else TokenKind.NAME
        return Token(kind, found[0], None, offset)
    if found := _SYMBOL.match(source, offset):
        return Token(TokenKind.SYMBOL, found[0], None, offset)
    character = source[offset]
    hint = _HINTS.get(character)
    message = f"unexpected {character!a}" + (f"; {hint}" if hint else "")
    raise ExpressionSyntaxError.at(message, source, offset)


def _number(source: str, found: re.Match[str]) -> int | float:
    written = found[0]
    if len(written) > 1 and written[0] == "0" and written[1].isdigit():
        raise ExpressionSyntaxError.at("a number may not start with a zero", source, found.start())
    value = int(written) if written.isdigit() else float(written)
    if value > MAX_INTEGER if isinstance(value, int) else isinf(value):
        raise ExpressionSyntaxError.at("the number is too large", source, found.start())
    return value


def _read_text(source: str, offset: int) -> Token:
    quote = source[offset]
    end = offset + 1
    while end < len(source) and source[end] != quote:
        end += 2 if source[end] == "\\" else 1
    if end >= len(source):
        raise ExpressionSyntaxError.at("the text has no closing quote", source, offset)
    return Token(TokenKind.TEXT, source[offset : end + 1], _text(source, offset + 1, end), offset)


def _text(source: str, start: int, end: int) -> str:
    """Return what the text between two quotes stands for, its escapes resolved."""

    def resolve(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[2] in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[found[2]]
        raise ExpressionSyntaxError.at(
            "unknown escape; write '\\\\' for a backslash", source, start + found.start()
        )

    written = source[start:end]
    value = _ESCAPE.sub(resolve, written) if "\\" in written else written
    if _SURROGATE.search(value):
        try:
            # A pair written as two escapes is one character.
            value = value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            raise ExpressionSyntaxError.at(
                "the text contains half of a surrogate pair", source, start
            ) from error
    return value
