"""Functions on texts."""

from collections.abc import Mapping, Sequence

from core.expressions.context import Context, RefusedError
from core.expressions.kinds import INTEGER, LIST, TEXT
from core.expressions.registry import Parameter, function
from core.expressions.values import (
    MAX_TEXT_CHARACTERS,
    describe,
    is_list,
    join_texts,
    too_long,
)
from core.expressions.values import contains as is_contained
from core.types import Json


@function("concat", Parameter(name="value", repeated=True))
def concat(*values: Json) -> str:
    """Join the text forms of all values; null adds nothing."""
    return join_texts(values)


@function("upper", Parameter(name="text", kind=TEXT))
def upper(text: str) -> str:
    """Return the text in capital letters."""
    return text.upper()


@function("lower", Parameter(name="text", kind=TEXT))
def lower(text: str) -> str:
    """Return the text in small letters."""
    return text.lower()


@function("trim", Parameter(name="text", kind=TEXT))
def trim(text: str) -> str:
    """Return the text without the white space around it."""
    return text.strip()


@function(
    "substring",
    Parameter(name="text", kind=TEXT),
    Parameter(name="start", kind=INTEGER),
    Parameter(name="end", kind=INTEGER, optional=True),
)
def substring(text: str, start: int, end: int | None = None) -> str:
    """Return the characters from ``start`` up to, not including, ``end``; negative: from the end."""
    return text[start:end]


@function(
    "replace",
    Parameter(name="text", kind=TEXT),
    Parameter(name="wanted", kind=TEXT),
    Parameter(name="replacement", kind=TEXT),
)
def replace(text: str, wanted: str, replacement: str) -> str:
    """Replace every occurrence of a part of the text."""
    if not wanted:
        raise RefusedError("needs a part that is not empty")
    # Refused before it is built: building it could take all the memory there is.
    growth = text.count(wanted) * (len(replacement) - len(wanted))
    if len(text) + growth > MAX_TEXT_CHARACTERS:
        raise too_long()
    return text.replace(wanted, replacement)


@function("split", Parameter(name="text", kind=TEXT), Parameter(name="separator", kind=TEXT))
def split(text: str, separator: str) -> list[str]:
    """Return the list of the parts between the separators."""
    if not separator:
        raise RefusedError("needs a separator that is not empty")
    return text.split(separator)


@function(
    "join",
    Parameter(name="list", kind=LIST),
    Parameter(name="separator", kind=TEXT, optional=True),
)
def join(items: Sequence[Json], separator: str = "") -> str:
    """Join the text forms of a list's items; null is an empty text."""
    return join_texts(items, separator)


@function("length", Parameter(name="value"))
def length(value: Json) -> int:
    """Count the characters of a text, the items of a list or the keys of an object."""
    if value is None:
        return 0
    if isinstance(value, str | Mapping) or is_list(value):
        return len(value)
    raise RefusedError(f"needs a text, a list or an object, got {describe(value)}")


@function("contains", Parameter(name="container"), Parameter(name="wanted"), takes_context=True)
def contains(context: Context, container: Json, wanted: Json) -> bool:
    """Tell whether a text has a part, a list an item or an object a key."""
    return is_contained(context, container, wanted)


@function("starts_with", Parameter(name="text", kind=TEXT), Parameter(name="start", kind=TEXT))
def starts_with(text: str, start: str) -> bool:
    """Tell whether the text starts with another."""
    return text.startswith(start)


@function("ends_with", Parameter(name="text", kind=TEXT), Parameter(name="end", kind=TEXT))
def ends_with(text: str, end: str) -> bool:
    """Tell whether the text ends with another."""
    return text.endswith(end)
