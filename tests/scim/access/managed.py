"""A directory that manages the access of its users, and what its tests ask about."""

from typing import Any

from django.contrib.auth.models import Permission

from core.models import Tenant, User
from scim import services
from scim.access import resettling
from scim.models import Directory, Role
from tests.makers import make_actor
from tests.scim.asking import Asker, adding, opened, removing, setting

__all__ = ["adding", "managed", "permission", "person", "removing", "role", "setting", "settled"]


def managed(tenant: Tenant) -> Asker:
    """Return an identity provider whose directory manages access."""
    ask = opened(tenant)
    manage(tenant, manages=True)
    return ask


def manage(tenant: Tenant, *, manages: bool) -> int:
    """Let the directory manage access, or no longer; return how many users were settled."""
    directory = Directory.objects.get(tenant=tenant)
    services.change_directory(
        directory,
        profile=directory.profile,
        active=True,
        unique_group_names=directory.unique_group_names,
        manages_accounts=manages,
        actor=make_actor(),
    )
    return settled()


def settled() -> int:
    """Do what a worker does after roles have changed."""
    return resettling.go_on()


def role(tenant: Tenant, name: str, groups: list[str] | None = None, **given: Any) -> Role:
    """Return a new role, by default with one scope."""
    values = {"scopes": ["events:read"], "permissions": []} | given
    made = services.save_role(tenant, name=name, groups=groups or [], actor=make_actor(), **values)
    settled()
    return made


def person(name: str) -> User:
    """Return whoever signs in with a name."""
    return User.objects.get(username=name)


def permission(codename: str) -> Permission:
    return Permission.objects.get(codename=codename)
