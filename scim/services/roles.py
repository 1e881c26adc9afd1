"""Changes to roles, and to who has them."""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction

from core import audit
from core.ids import decode
from core.models import Tenant
from core.services import check_scopes, tenant_permissions
from core.types import Actor
from scim.access import resettling, settle
from scim.filters.columns import ID_PREFIX
from scim.folding import fold
from scim.models import Resource, Role, RoleGrant, RoleGroup

BY_STAFF = RoleGrant.ManagedBy.STAFF


@transaction.atomic
def save_role(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[str],
    permissions: Collection[Permission],
    groups: Iterable[str],
    actor: Actor,
    role: Role | None = None,
    within: Collection[Permission] | None = None,
) -> Role:
    """Write a role, new without ``role``, and have everybody's access settled by it.

    ``groups`` are names of groups of the directory, which need not be there yet. Raises
    ScopeNotAllowedError for a scope that does not exist, ValidationError for a permission that nobody
    of a tenant may have.
    """
    beyond = {each.pk for each in permissions} - set(
        tenant_permissions().values_list("pk", flat=True)
    )
    if beyond:
        raise ValidationError(
            {"permissions": "Nobody of a tenant may have one of these permissions."}
        )
    created = role is None
    role = role or Role(
        tenant=tenant, group=Group.objects.create(name=f"role {tenant.slug}/{name}")
    )
    role.name, role.scopes = name, check_scopes(scopes)
    role.save()
    role.group.name = f"role {role.id} of {tenant.slug}"
    role.group.save(update_fields=["name"])
    role.group.permissions.set(permissions)
    names = _set_groups(role, groups)
    audit.record(
        "role.created" if created else "role.changed",
        tenant=tenant,
        actor=actor,
        target=role,
        details={
            "scopes": role.scopes,
            "permissions": sorted(each.codename for each in permissions),
            "groups": names,
        },
    )
    resettling.begin(tenant)
    return role


@transaction.atomic
def delete_role(role: Role, *, actor: Actor) -> None:
    """Delete a role. Its permissions end with it, its scopes when everybody has been settled."""
    audit.record("role.deleted", tenant=role.tenant, actor=actor, target=role)
    tenant, group = role.tenant, role.group
    role.delete()
    group.delete()
    resettling.begin(tenant)


@transaction.atomic
def grant_role(role: Role, user: Resource, *, actor: Actor) -> None:
    """Give a user a role by hand, which the directory does not take away."""
    _, created = RoleGrant.objects.get_or_create(
        tenant=role.tenant, role=role, user=user, managed_by=BY_STAFF
    )
    if created:
        _granted("role.granted", role, user, actor)


@transaction.atomic
def withdraw_role(role: Role, user: Resource, *, actor: Actor) -> None:
    """Take back a role that was given by hand; what a group gives stays."""
    grants = RoleGrant.objects.for_tenant(role.tenant).filter(
        role=role, user=user, managed_by=BY_STAFF
    )
    if grants.delete()[0]:
        _granted("role.withdrawn", role, user, actor)


def _check(permissions: Iterable[Permission], within: Collection[Permission] | None) -> None:
    allowed = {each.pk for each in tenant_permissions()}
    if within is not None:
        allowed &= {each.pk for each in within}
    beyond = sorted(each.name for each in permissions if each.pk not in allowed)
    if beyond:
        raise ValidationError({"permissions": f"You cannot give this permission: {beyond[0]}."})


def _granted(action: str, role: Role, user: Resource, actor: Actor) -> None:
    details = {"user": user.id}
    audit.record(action, tenant=role.tenant, actor=actor, target=role, details=details)
    settle(role.tenant, [decode(ID_PREFIX, user.id)], actor)


def _set_groups(role: Role, groups: Iterable[str]) -> list[str]:
    names = {fold(name.strip()): name.strip() for name in groups if name.strip()}
    role.groups.exclude(group_key__in=names).delete()
    known = set(role.groups.values_list("group_key", flat=True))
    RoleGroup.objects.bulk_create(
        RoleGroup(tenant=role.tenant, role=role, group_name=name, group_key=key)
        for key, name in names.items()
        if key not in known
    )
    return sorted(names.values())
