"""JSON Schemas of event types, checked by the engine that ``settings.SCHEMA_COMPILER`` names.

The engine belongs to records, which stands above core. It takes a schema, and the property names
it must not use, and returns an object whose ``check(data)`` gives what is wrong with some data; or
it raises a ValueError with a ``path``.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import InvalidSchemaError
from core.types import Json, Violation


class _Finding(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...


class _Compiled(Protocol):
    def check(self, data: Mapping[str, Json]) -> Sequence[_Finding]: ...


def check_schema(schema: Mapping[str, Json]) -> None:
    """Raise InvalidSchemaError unless ``schema`` can describe data; an empty one always can."""
    if schema:
        _compiled(json.dumps(schema))


def violations(schema: Mapping[str, Json], data: Mapping[str, Json]) -> tuple[Violation, ...]:
    """Return what is wrong with ``data``, by place; nothing when ``schema`` is empty."""
    if not schema:
        return ()
    return tuple(
        Violation(path=finding.path, code=finding.code, message=finding.message)
        for finding in _compiled(json.dumps(schema)).check(data)
    )


@lru_cache(maxsize=256)
def _compiled(schema: str) -> _Compiled:
    compile_schema: Any = import_string(settings.SCHEMA_COMPILER)
    try:
        compiled: _Compiled = compile_schema(json.loads(schema), reserved=())
    except ValueError as error:
        raise InvalidSchemaError(
            getattr(error, "message", str(error)), getattr(error, "path", "")
        ) from error
    return compiled
