"""The directory of a tenant as every request needs it: found by one prepared statement."""

from dataclasses import dataclass

from core.ids import decode
from core.models import Tenant
from core.sql import run, uuid_value

_FIND = """SELECT profile, unique_group_names, extension FROM scim_directory
 WHERE tenant_id = %s AND active"""
NOTHING = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDirectory:
    """A directory that takes requests. ``extension`` is JSON, empty when there is none."""

    profile: str
    unique_group_names: bool
    extension: str


def find(tenant: Tenant) -> OpenDirectory | None:
    """Return the directory of a tenant, None when there is none or it is switched off."""
    rows = run(_FIND, [uuid_value(decode("ten", tenant.id))])
    if not rows:
        return None
    profile, unique_group_names, extension = rows[0]
    return OpenDirectory(
        profile=profile,
        unique_group_names=bool(unique_group_names),
        extension="" if extension == NOTHING else extension,
    )
