"""Filtering records by what they hold: ``?data.status=paid&data.customer.city=Porto``.

Names come from the caller, so they never become part of a lookup: each one is a plain value, of
a JSON document or of a JSON path. Fields of lists cannot be asked for.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from django.db import connections
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.http import QueryDict

from core import strict_json
from core.api.exceptions import InvalidParameter
from core.types import Json
from records.examples import resolved
from records.models import Record

PREFIX = "data."
MAX_FILTERS = 10
MAX_STEPS = 8
MAX_NAME_CHARACTERS = 100
# SQLite cannot escape these in a JSON path.
UNUSABLE = frozenset('"\\[]')

KINDS: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("boolean", bool),
    ("number", (int, float)),
    ("null", type(None)),
)


def filter_by_data(
    records: QuerySet[Record], parameters: QueryDict, schema: Mapping[str, Json] | None = None
) -> QuerySet[Record]:
    """Return the records whose fields have the values that the ``data.…`` parameters name.

    Where ``schema`` declares the type of a field, the text is read as that type. Elsewhere
    ``5`` means the text as well as the number. Raises InvalidParameter.
    """
    names = [name for name in parameters if name.startswith(PREFIX)]
    if len(names) > MAX_FILTERS:
        raise InvalidParameter(f"Filter by at most {MAX_FILTERS} fields of data.")
    for place, name in enumerate(names):
        path = _path(name)
        values = _values(name, str(parameters[name]), _declared(schema or {}, path))
        records = _having(records, f"asked_{place}", path, values)
    return records


def _path(name: str) -> list[str]:
    steps = name.removeprefix(PREFIX).split(".")
    if len(steps) > MAX_STEPS or not all(_is_usable(step) for step in steps):
        shown = name[:MAX_NAME_CHARACTERS]
        raise InvalidParameter(
            "Name a field as data.status or data.customer.city; elements of lists and names with"
            " quotes or brackets cannot be asked for.",
            details={"path": shown},
        )
    return steps


def _is_usable(step: str) -> bool:
    """Whether ``step`` means the same on every database: whole numbers are places in lists."""
    try:
        int(step)
    except ValueError:
        return 0 < len(step) <= MAX_NAME_CHARACTERS and not UNUSABLE & set(step)
    return False


def _declared(schema: Mapping[str, Json], path: list[str]) -> frozenset[str]:
    """Return the JSON types that the schema allows at ``path``, none when it does not say."""
    here: Mapping[str, Any] = schema
    for step in path:
        whole = resolved(schema, here)
        if "anyOf" in whole or "oneOf" in whole:
            return frozenset()
        here = whole.get("properties", {}).get(step, {})
    whole = resolved(schema, here)
    kinds = whole.get("type", ())
    if "anyOf" in whole or "oneOf" in whole:
        return frozenset()
    return frozenset([kinds] if isinstance(kinds, str) else kinds)


def _values(name: str, text: str, kinds: frozenset[str]) -> list[Json]:
    """Return what ``text`` can stand for in a field of these types (of any type if there is none)."""
    wanted = {"number" if kind == "integer" else kind for kind in kinds}
    values: list[Json] = []
    if not wanted or "string" in wanted:
        values.append(text)
    kind, value = _scalar(text)
    if kind and (not wanted or kind in wanted):
        values.append(value)
    if not values:
        shown = name[:MAX_NAME_CHARACTERS]
        raise InvalidParameter(
            f"{shown} is of the type {' or '.join(sorted(kinds))}; the value given is not.",
            details={"path": shown},
        )
    return values


def _scalar(text: str) -> tuple[str, Json]:
    """Return the kind and value of a JSON number, boolean or null, ("", None) for anything else."""
    try:
        value = strict_json.loads(text.encode())
    except strict_json.StrictJsonError:
        return "", None
    kind = next((kind for kind, types in KINDS if isinstance(value, types)), "")
    return kind, value


def _having(
    records: QuerySet[Record], alias: str, path: list[str], values: list[Json]
) -> QuerySet[Record]:
    """Keep the records with one of ``values`` at ``path``, as the database does it best."""
    if connections[records.db].vendor == "postgresql":
        # Answered from the index of the data.
        conditions = [Q(data__contains=_document(path, value)) for value in values]
    else:
        field: Any = F("data")
        for name in path:
            field = KeyTransform(name, field)
        records = records.alias(**{alias: field})
        conditions = [Q(**{alias: value}) for value in values]
    return records.filter(reduce(Q.__or__, conditions))


def _document(path: list[str], value: Json) -> Json:
    for name in reversed(path):
        value = {name: value}
    return value
