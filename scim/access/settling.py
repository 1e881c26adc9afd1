"""Bringing what people may do in step with the directory: as sets, and in the transaction of the change."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from core.ids import decode, encode
from core.models import Tenant, User
from core.sql import on_postgresql, run
from core.types import Actor
from scim.access.accounts import close_account, linked, open_accounts
from scim.access.reaching import roles_by_groups, users_below
from scim.access.rights import apply_rights
from scim.filters.columns import ID_PREFIX
from scim.models import Directory, Resource, RoleGrant

BATCH_SIZE = 500
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))::text"
BY_DIRECTORY = RoleGrant.ManagedBy.DIRECTORY


def settle(tenant: Tenant, keys: Collection[UUID], actor: Actor) -> list[str]:
    """Bring accounts, roles and rights of users in step, and of all users below the groups among them.

    In the caller's transaction; returns what could not be done. Those who settle for one tenant take
    turns, so that each sees what the others have done.
    """
    if not keys:
        return []
    _take_turn(tenant)
    manages = Directory.objects.for_tenant(tenant).filter(manages_accounts=True).exists()
    problems: list[str] = []
    users = users_below(tenant, keys)
    for start in range(0, len(users), BATCH_SIZE):
        batch = users[start : start + BATCH_SIZE]
        problems += _settle(tenant, batch, actor, manages=manages)
    return problems


def _take_turn(tenant: Tenant) -> None:
    if on_postgresql():
        run(_TURN, [f"scim.access:{tenant.id}"])


def _settle(tenant: Tenant, keys: Sequence[UUID], actor: Actor, *, manages: bool) -> Iterable[str]:
    users = list(Resource.objects.for_tenant(tenant).filter(pk__in=_ids(keys)).order_by("pk"))
    here = [user for user in users if user.deleted_at is None and user.active and manages]
    gone = {user.id: user for user in users if user not in here}
    _grant(tenant, users, _wanted(tenant, here))
    opened, problems = open_accounts(tenant, here, actor)
    closed = linked(tenant, list(gone.values()))
    apply_rights(tenant, [*opened.values(), *closed.values()])
    for identity, account in closed.items():
        if manages or account.created_by_directory:
            close_account(account, actor=actor, gone=gone[identity].deleted_at is not None)
        else:
            _let_go(account.user)
    return problems


def _let_go(person: User) -> None:
    """Leave somebody who was here before the directory to the staff again."""
    if not person.api_scopes:
        person.api_scopes = None
        person.save(update_fields=["api_scopes"])


def _wanted(tenant: Tenant, users: Sequence[Resource]) -> Mapping[str, set[str]]:
    found = roles_by_groups(tenant, [decode(ID_PREFIX, user.id) for user in users])
    return {encode(ID_PREFIX, key): roles for key, roles in found.items()}


def _grant(tenant: Tenant, users: Sequence[Resource], wanted: Mapping[str, set[str]]) -> None:
    """Write which roles the groups give, and touch nothing that stays, or that staff has given."""
    grants = RoleGrant.objects.for_tenant(tenant).filter(user__in=users, managed_by=BY_DIRECTORY)
    current = {
        (str(user), str(role)): pk
        for pk, user, role in grants.values_list("pk", "user_id", "role_id")
    }
    pairs = {(user, role) for user, roles in wanted.items() for role in roles}
    over = [pk for pair, pk in current.items() if pair not in pairs]
    if over:
        RoleGrant.objects.filter(pk__in=over).delete()
    RoleGrant.objects.bulk_create(
        RoleGrant(tenant=tenant, user_id=user, role_id=role, managed_by=BY_DIRECTORY)
        for user, role in sorted(pairs - current.keys())
    )


def _ids(keys: Iterable[UUID]) -> list[str]:
    return [encode(ID_PREFIX, key) for key in keys]
