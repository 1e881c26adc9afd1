"""JSON as it enters and leaves: one meaning for every reader, or a clear refusal.

RFC 8259 lets parsers differ on duplicate keys, huge numbers, lone surrogates and NUL. What is
refused here is what PostgreSQL's ``jsonb`` cannot hold or what two receivers could read
differently. Integers between 2**53 and 2**63 pass, although JavaScript receivers round them.
"""

import json
import math
import re
from collections.abc import Hashable, Iterator
from itertools import accumulate

from core.types import Json

MAX_DEPTH = 64
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
MAX_NAME_SHOWN = 80

_LONE_SURROGATE = "Half of a surrogate pair stands alone"
_BOM = b"\xef\xbb\xbf"
# Possessive, and the closing quote is optional: an unterminated string is read once, not again
# from each quote inside it.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_STRINGS = re.compile(_STRING.encode(), re.DOTALL)
_TOKENS = re.compile(rf"(?P<string>{_STRING})|(?P<bare>[^\s\[\]{{}},:\"]+)|[\[\]{{}},:]", re.DOTALL)
_ESCAPES = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")


# Made once: json.dumps would make one for every call.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class StrictJsonError(ValueError):
    """JSON that is refused: ``message`` says why, ``line`` and ``column`` (from 1) say where.

    Both are 0 for a value that cannot be written, which has no text yet.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{message} (line {line}, column {column})" if line else message)
        self.message = message
        self.line = line
        self.column = column


class _RefusedNumberError(ValueError):
    """A number that cannot be kept; the parser's hooks do not know where it stands."""

    def __init__(self, message: str, literal: str) -> None:
        super().__init__(message)
        self.literal = literal


class _RepeatedKeyError(ValueError):
    """An object with the same key twice."""


def loads(raw: bytes, *, max_depth: int = MAX_DEPTH) -> Json:
    """Parse ``raw``, or raise StrictJsonError with the place of the first fault found.

    Refused beyond malformed JSON: a byte order mark, invalid UTF-8, NaN and Infinity, numbers
    that overflow to infinity, integers outside 64 bits, repeated keys, NUL characters, lone
    surrogates, and nesting deeper than ``max_depth`` (at most 500).
    """
    text = _decoded(raw)
    _refuse_depth(raw, text, max_depth)
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as exc:
        raise StrictJsonError(_sentence(exc, text), exc.lineno, exc.colno) from None
    except _RefusedNumberError as exc:
        raise _error_at(text, _position_of_bare(text, exc.literal), str(exc)) from None
    except _RepeatedKeyError:
        key, position = _first_repeated_key(text)
        shown = key if len(key) <= MAX_NAME_SHOWN else key[:MAX_NAME_SHOWN] + "…"
        raise _error_at(text, position, f'The key "{shown}" stands twice in one object') from None
    _refuse_escapes(text)
    return value


def dumps(value: Json) -> bytes:
    """Write ``value`` as compact UTF-8.

    Raises StrictJsonError for NaN, Infinity and lone surrogates, which no JSON text can carry, and
    for values that are nested without end.
    """
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        raise StrictJsonError(_LONE_SURROGATE) from None
    except (ValueError, RecursionError) as exc:
        raise StrictJsonError(f"The value has no JSON form: {exc}") from None


def identity(value: Json) -> Hashable:
    """Return a key that is equal for two values exactly when JSON calls them equal.

    So ``1`` and ``1.0`` share a key, ``1`` and ``true`` do not, and the order of an object's keys
    does not count.
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(identity(item) for item in value))
    return value


def _decoded(raw: bytes) -> str:
    if raw.startswith(_BOM):
        raise StrictJsonError("The text starts with a byte order mark; send plain UTF-8", 1, 1)
    try:
        return raw.decode()
    except UnicodeDecodeError as exc:
        before = raw[: exc.start].decode()
        raise _error_at(before, len(before), "The text is not valid UTF-8") from None


def _refuse_depth(raw: bytes, text: str, max_depth: int) -> None:
    """Refuse deep nesting before the recursive parser meets it.

    Counting brackets settles nearly every body; only one with more brackets than levels allowed
    has its strings cut out and its levels added up.
    """
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    steps = _STRINGS.sub(b"", raw).translate(_STEPS, _NOT_BRACKETS)
    if max(accumulate(memoryview(steps).cast("b")), default=0) <= max_depth:
        return
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > max_depth:
            message = f"The nesting is deeper than {max_depth} levels"
            raise _error_at(text, token.start(), message)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _RepeatedKeyError
    return result


def _integer(literal: str) -> int:
    # Length first: Python refuses to convert thousands of digits, and with another sentence.
    if len(literal) <= 20 and MIN_INTEGER <= (value := int(literal)) <= MAX_INTEGER:
        return value
    message = "The integer does not fit in 64 bits; send it as a string"
    raise _RefusedNumberError(message, literal)


def _real(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise _RefusedNumberError("The number is too large; send it as a string", literal)
    return value


def _constant(literal: str) -> float:
    raise _RefusedNumberError(f"{literal} is not a JSON value", literal)


def _sentence(exc: json.JSONDecodeError, text: str) -> str:
    if not text.strip():
        return "The text is empty; a JSON value was expected"
    return "The text is not valid JSON: " + exc.msg[:1].lower() + exc.msg[1:]


def _refuse_escapes(text: str) -> None:
    r"""Refuse ``\u0000`` and surrogates without their other half, in keys and in values.

    Raw NUL characters and encoded surrogates are refused earlier, by the parser and by UTF-8.
    """
    if not _SUSPECT_ESCAPE.search(text):
        return
    high_ends_at = -1
    high_at = -1
    for escape in _ESCAPES.finditer(text):
        unit = int(escape[1], 16) if escape[1] else -1
        is_low = 0xDC00 <= unit <= 0xDFFF
        if high_at >= 0 and not (is_low and escape.start() == high_ends_at):
            break
        if unit == 0:
            raise _error_at(text, escape.start(), r"Text must not contain the character \u0000")
        if is_low and high_at < 0:
            high_at = escape.start()
            break
        high_at = escape.start() if 0xD800 <= unit <= 0xDBFF else -1
        high_ends_at = escape.end()
    if high_at >= 0:
        raise _error_at(text, high_at, _LONE_SURROGATE)


def _position_of_bare(text: str, literal: str) -> int:
    return next(token.start() for token in _TOKENS.finditer(text) if token["bare"] == literal)


def _first_repeated_key(text: str) -> tuple[str, int]:
    """Return the first repeated key, and where it stands the second time."""
    open_levels: list[set[str]] = []
    for token, following in _pairs(text):
        if token[0] in "{[":
            open_levels.append(set())
        elif token[0] in "}]":
            open_levels.pop()
        elif following == ":":
            key = str(json.loads(token[0]))
            if key in open_levels[-1]:
                return key, token.start()
            open_levels[-1].add(key)
    raise AssertionError("only called after the parser has met a repeated key")


def _pairs(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each token with the text of the one after it."""
    previous: re.Match[str] | None = None
    for token in _TOKENS.finditer(text):
        if previous is not None:
            yield previous, token[0]
        previous = token
    if previous is not None:
        yield previous, ""


def _error_at(text: str, position: int, message: str) -> StrictJsonError:
    line_start = text.rfind("\n", 0, position) + 1
    return StrictJsonError(message, text.count("\n", 0, position) + 1, position - line_start + 1)
