"""The accounts with which users of a directory sign in here."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from core.models import Tenant, User
from core.services import end_access, restore_access
from core.types import Actor
from scim import mappings
from scim.folding import fold
from scim.models import Account, Resource

MAX_USER_NAME = 150
_FIELDS = {"email": "email", "first_name": "given_name", "last_name": "family_name"}


def linked(tenant: Tenant, users: Sequence[Resource]) -> dict[str, Account]:
    """Return the account of each user that has one, by the user's id.

    Whom staff have meanwhile made somebody else's, or an operator, is none of the directory's people.
    """
    rows = Account.objects.for_tenant(tenant).filter(resource__in=users).select_related("user")
    rows.exclude(user__tenant=tenant).delete()
    return {account.resource_id: account for account in rows}


def open_accounts(
    tenant: Tenant, users: Sequence[Resource], actor: Actor
) -> tuple[dict[str, Account], list[str]]:
    """Link each user with an account of the tenant's people, or make one.

    Returns the accounts by the ids of the users, and why some of them could have none. Operators and
    people of other tenants are never linked: whoever may write the directory does not get theirs.
    """
    known = linked(tenant, users)
    missing = [user for user in users if user.id not in known]
    free = _unlinked(tenant, missing)
    problems = []
    for user in missing:
        described = _described(user)
        found = free.get(user.key) or free.get(fold(described.get("email", "")))
        if found is not None:
            free = {word: person for word, person in free.items() if person != found}
            known[user.id] = Account.objects.create(tenant=tenant, resource=user, user=found)
            continue
        made, problem = _made(tenant, user, described)
        if made is None:
            problems.append(problem)
        else:
            known[user.id] = Account.objects.create(
                tenant=tenant, resource=user, user=made, created_by_directory=True
            )
    for user in users:
        if user.id in known:
            _keep_in_step(known[user.id], _described(user))
            _reopen(known[user.id], actor)
    return known, problems


def close_account(account: Account, *, actor: Actor, gone: bool) -> None:
    """End the access of a user. When that is ``gone``, so is an account that the directory has made."""
    if account.user.is_active:
        account.closed_by_directory = True
        account.save(update_fields=["closed_by_directory"])
        end_access(account.user, actor=actor)
    if not gone:
        return
    person, made = account.user, account.created_by_directory
    account.delete()
    if made:
        person.delete()


def _reopen(account: Account, actor: Actor) -> None:
    if account.closed_by_directory:
        account.closed_by_directory = False
        account.save(update_fields=["closed_by_directory"])
        restore_access(account.user, actor=actor)


def _unlinked(tenant: Tenant, users: Sequence[Resource]) -> dict[str, User]:
    """Return people of the tenant who are not linked yet, by their user name as it is compared.

    An address tells nobody from others, as people may share one.
    """
    names = {user.key for user in users} | {
        fold(_described(user).get("email", "")) for user in users
    }
    people = User.objects.filter(tenant=tenant, directory_account=None)
    found = people.annotate(name=Lower("username")).filter(name__in=names - {""})
    return {fold(person.username): person for person in found}


def _made(tenant: Tenant, user: Resource, described: Mapping[str, str]) -> tuple[User | None, str]:
    name = described["user_name"]
    if len(name) > MAX_USER_NAME or User.objects.filter(username=name).exists():
        return None, f"{name[:MAX_USER_NAME]} has no account: the name is taken, or too long"
    made = User(username=name, tenant=tenant)
    made.set_unusable_password()
    made.save()
    return made, ""


def _keep_in_step(account: Account, described: Mapping[str, str]) -> None:
    """Write name and address of an account that the directory has made."""
    if not account.created_by_directory:
        return
    wanted: dict[str, Any] = {name: described.get(field, "") for name, field in _FIELDS.items()}
    name = described["user_name"]
    if name != account.user.username and not User.objects.filter(username=name).exists():
        wanted["username"] = name
    changed = {
        name: value for name, value in wanted.items() if value != getattr(account.user, name)
    }
    for name, value in changed.items():
        setattr(account.user, name, value)
    try:
        account.user.clean_fields(exclude=["password"])
    except ValidationError:
        account.user.refresh_from_db()
        return
    if changed:
        account.user.save(update_fields=list(changed))


def _described(user: Resource) -> dict[str, str]:
    """Return the texts of a user that every directory names alike."""
    data = user.data if isinstance(user.data, dict) else json.loads(user.data)
    mapped = mappings.built_in().apply(data, now=user.updated_at)
    texts = {name: value for name, value in mapped.values.items() if isinstance(value, str)}
    return {"user_name": str(data.get("userName") or ""), **texts}
