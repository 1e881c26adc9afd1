"""What roles let people do: scopes of the API, and permissions in the admin."""

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.models import Group

from core.models import Tenant, User
from scim.models import Account, Role, RoleGrant


def apply_rights(tenant: Tenant, accounts: Sequence[Account]) -> None:
    """Give each person exactly what their roles grant, and leave what staff has given by hand."""
    roles = {role.id: role for role in Role.objects.for_tenant(tenant)}
    granted = _granted(accounts)
    opening = set(
        Group.objects.filter(
            pk__in=[role.group_id for role in roles.values()], permissions__isnull=False
        ).values_list("pk", flat=True)
    )
    _set_groups(accounts, roles, granted)
    for account in accounts:
        mine = [roles[role] for role in granted[account.resource_id] if role in roles]
        _set_scopes(account.user, mine)
        _set_staff(account, enters=any(role.group_id in opening for role in mine))


def _granted(accounts: Sequence[Account]) -> dict[str, set[str]]:
    """Return the roles of each user, whoever gave them."""
    found: dict[str, set[str]] = defaultdict(set)
    users = [account.resource_id for account in accounts]
    for user, role in RoleGrant.objects.filter(user__in=users).values_list("user_id", "role_id"):
        found[str(user)].add(str(role))
    return found


def _set_groups(
    accounts: Sequence[Account], roles: dict[str, Role], granted: dict[str, set[str]]
) -> None:
    link = User.groups.through
    people = {account.user_id: account.resource_id for account in accounts}
    ours = {role.group_id for role in roles.values()}
    rows = link.objects.filter(user_id__in=people, group_id__in=ours)
    current = {
        (person, group): pk for pk, person, group in rows.values_list("pk", "user_id", "group_id")
    }
    wanted = {
        (person, roles[role].group_id)
        for person, user in people.items()
        for role in granted[user]
        if role in roles
    }
    link.objects.filter(pk__in=[pk for pair, pk in current.items() if pair not in wanted]).delete()
    link.objects.bulk_create(
        link(user_id=person, group_id=group) for person, group in sorted(wanted - current.keys())
    )


def _set_scopes(person: User, roles: Sequence[Role]) -> None:
    scopes = sorted({scope for role in roles for scope in role.scopes})
    if person.api_scopes != scopes:
        person.api_scopes = scopes
        person.save(update_fields=["api_scopes"])


def _set_staff(account: Account, *, enters: bool) -> None:
    """Let somebody into the admin by a role, and out again if nothing else had let them in."""
    person = account.user
    if enters and not person.is_staff:
        person.is_staff, account.staff_by_role = True, True
    elif not enters and account.staff_by_role:
        person.is_staff, account.staff_by_role = False, False
    else:
        return
    person.save(update_fields=["is_staff"])
    account.save(update_fields=["staff_by_role"])
