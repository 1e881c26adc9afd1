"""Functions on lists and objects."""

from collections.abc import Mapping, Sequence

from core.expressions.context import Context, RefusedError
from core.expressions.kinds import LIST, OBJECT, TEXT
from core.expressions.registry import Parameter, function
from core.expressions.values import describe, is_number, member, same, text_of
from core.types import Json


@function("first", Parameter(name="list", kind=LIST))
def first(items: Sequence[Json]) -> Json:
    """Return the first item of a list; null if it is empty."""
    return items[0] if items else None


@function("last", Parameter(name="list", kind=LIST))
def last(items: Sequence[Json]) -> Json:
    """Return the last item of a list; null if it is empty."""
    return items[-1] if items else None


@function("pluck", Parameter(name="list", kind=LIST), Parameter(name="key", kind=TEXT))
def pluck(items: Sequence[Json], key: str) -> list[Json]:
    """Return the list of what the objects of a list have under a key."""
    return [member(item, key) for item in items]


@function(
    "where",
    Parameter(name="list", kind=LIST),
    Parameter(name="key", kind=TEXT),
    Parameter(name="value"),
    takes_context=True,
)
def where(context: Context, items: Sequence[Json], key: str, value: Json) -> list[Json]:
    """Return the objects of a list that have a value under a key."""
    return [item for item in items if same(context, member(item, key), value)]


@function("keys", Parameter(name="object", kind=OBJECT))
def keys(container: Mapping[str, Json]) -> list[str]:
    """Return the keys of an object, in their order."""
    return list(container)


@function("values", Parameter(name="object", kind=OBJECT))
def values(container: Mapping[str, Json]) -> list[Json]:
    """Return the values of an object, in their order."""
    return list(container.values())


@function(
    "lookup",
    Parameter(name="table", kind=OBJECT),
    Parameter(name="key"),
    Parameter(name="otherwise", optional=True),
    takes_context=True,
)
def lookup(context: Context, table: Mapping[str, Json], key: Json, otherwise: Json = None) -> Json:
    """Return what a table has under a key, or ``otherwise`` if there is no such key."""
    if key is None:
        return otherwise
    if not isinstance(key, str) and not is_number(key):
        raise RefusedError(f"needs a text or a number as key, got {describe(key)}")
    return table.get(text_of(key), otherwise)
