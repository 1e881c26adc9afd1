"""The mapping that is in force for a tenant, compiled once in each process."""

import json
from functools import cache, lru_cache
from typing import Any, cast
from uuid import UUID

from core.sql import read_uuid, run, uuid_value
from core.types import Json
from records.mapping import CompiledMapping, compile_mapping
from scim.mappings.built_in import FIELDS
from scim.mappings.paths import STORED

REMEMBERED = 256
# What the product gives in every event of a user; the end of access depends on ``active``.
RESERVED = ("id", "user_name", "active", "changes")
_HIGHEST = "SELECT id FROM scim_mapping WHERE tenant_id = %s ORDER BY version DESC LIMIT 1"
_FIELDS = "SELECT fields FROM scim_mapping WHERE id = %s"


def in_force(tenant_key: UUID) -> CompiledMapping:
    """Return the mapping of a tenant: its highest version, or else the built-in one."""
    found = run(_HIGHEST, [uuid_value(tenant_key)])
    return of_version(read_uuid(found[0][0]) if found else None)


def of_version(mapping_key: UUID | None) -> CompiledMapping:
    """Return a version by its id, and the built-in mapping for None."""
    return built_in() if mapping_key is None else _saved(mapping_key)


@cache
def built_in() -> CompiledMapping:
    """Return the mapping of tenants that have none of their own."""
    return compiled(list(FIELDS))


def compiled(fields: Json) -> CompiledMapping:
    """Return rules as they are kept, ready for use."""
    return compile_mapping(fields, STORED, reserved=RESERVED)


@lru_cache(maxsize=REMEMBERED)
def _saved(mapping_key: UUID) -> CompiledMapping:
    """Read and compile a version. It is never altered, and no other ever has its id."""
    fields: Any = run(_FIELDS, [uuid_value(mapping_key)])[0][0]
    return compiled(cast("Json", json.loads(fields) if isinstance(fields, str) else fields))
