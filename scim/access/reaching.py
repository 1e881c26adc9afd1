"""Whom groups reach: the users below them, and the roles that groups give, both through nested groups."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from core.ids import decode
from core.models import Tenant
from core.sql import on_postgresql, read_uuid, run, uuid_value
from scim.folding import fold
from scim.models import RoleGroup
from scim.storage import memberships
from scim.storage.memberships import array
from scim.storage.writing import name_in

# UNION, and not UNION ALL, ends where groups hold each other.
_BELOW = """WITH RECURSIVE below(id) AS (SELECT given.id FROM {given} UNION
 SELECT m.member_id FROM scim_membership m JOIN below b ON m.group_id = b.id
 WHERE m.member_id IS NOT NULL)
 SELECT r.id FROM below b JOIN scim_resource r ON r.id = b.id
 WHERE r.tenant_id = %s AND r.kind = 'User' ORDER BY r.id"""
_GIVEN = "unnest(%s::uuid[]) AS given(id)"
_GIVEN_ON_SQLITE = "(SELECT value AS id FROM json_each(%s)) AS given"


def users_below(tenant: Tenant, keys: Collection[UUID]) -> list[UUID]:
    """Return the users among ``keys`` and those in the groups among them, also through other groups."""
    if not keys:
        return []
    given = _GIVEN if on_postgresql() else _GIVEN_ON_SQLITE
    owner = uuid_value(decode("ten", tenant.id))
    rows = run(_BELOW.format(given=given), [array(keys), owner])
    return [read_uuid(row[0]) for row in rows]


def roles_by_groups(tenant: Tenant, users: Sequence[UUID]) -> Mapping[UUID, set[str]]:
    """Return the ids of the roles that each user has by the names of the groups above."""
    roles: dict[str, set[str]] = defaultdict(set)
    for key, role in RoleGroup.objects.for_tenant(tenant).values_list("group_key", "role_id"):
        roles[key].add(str(role))
    found: dict[UUID, set[str]] = defaultdict(set)
    if not roles:
        return found
    for link in memberships.groups(users):
        found[link.owner] |= roles.get(fold(name_in(link.data)), set())
    return found
