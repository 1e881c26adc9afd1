"""Roles follow the groups of the directory, and rights follow the roles."""

import pytest
from django.core.exceptions import ValidationError

from core.models import AuditEntry, Tenant
from scim import services
from scim.models import Resource, RoleGrant
from tests.makers import make_actor
from tests.scim.access.managed import (
    adding,
    manage,
    managed,
    permission,
    person,
    removing,
    role,
    setting,
    settled,
)
from tests.scim.asking import Asker, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return managed(tenant)


def scopes_of(name: str) -> list[str] | None:
    scopes: list[str] | None = person(name).api_scopes
    return scopes


def test_members_of_a_group_have_its_role_while_they_are_in_it(tenant: Tenant, ask: Asker) -> None:
    role(tenant, "Readers", ["Drivers"])
    ann = ask.user("ann")["id"]
    group = f"/Groups/{ask.group('DRIVERS')['id']}"

    seen = [scopes_of("ann")]
    ask.patch(group, adding(ann))
    seen.append(scopes_of("ann"))
    ask.patch(group, removing(ann))
    seen.append(scopes_of("ann"))

    assert seen == [[], ["events:read"], []]


def test_role_reaches_through_groups_in_groups_and_circles(tenant: Tenant, ask: Asker) -> None:
    role(tenant, "Readers", ["Outer"])
    ann = ask.user("ann")["id"]
    inner = ask.group("Inner", [ann])["id"]
    outer = ask.group("Outer")["id"]
    ask.patch(f"/Groups/{inner}", adding(outer))

    seen = [scopes_of("ann")]
    ask.patch(f"/Groups/{outer}", adding(inner))
    seen.append(scopes_of("ann"))
    ask.patch(f"/Groups/{inner}", removing(ann))
    seen.append(scopes_of("ann"))

    assert seen == [[], ["events:read"], []]


def test_name_of_the_group_decides(tenant: Tenant, ask: Asker) -> None:
    role(tenant, "Readers", ["Drivers"])
    ann = ask.user("ann")["id"]
    group = f"/Groups/{ask.group('Drivers', [ann])['id']}"

    seen = [scopes_of("ann")]
    ask.patch(group, setting("displayName", "Pilots"))
    seen.append(scopes_of("ann"))
    ask.patch(group, setting("displayName", "drivers"))
    seen.append(scopes_of("ann"))
    ask("DELETE", group)
    seen.append(scopes_of("ann"))

    assert seen == [["events:read"], [], ["events:read"], []]


def test_what_roles_give_is_added_up_and_what_staff_has_given_stays(
    tenant: Tenant, ask: Asker
) -> None:
    role(tenant, "Readers", ["Drivers"])
    writers = role(tenant, "Writers", ["Pilots"], scopes=["events:write", "events:read"])
    ann = ask.user("ann")["id"]
    groups = [f"/Groups/{ask.group(name, [ann])['id']}" for name in ("Drivers", "Pilots")]
    services.grant_role(writers, Resource.objects.get(pk=ann), actor=make_actor())

    for group in groups:
        ask("DELETE", group)

    assert scopes_of("ann") == ["events:read", "events:write"]
    assert list(RoleGrant.objects.values_list("role__name", "managed_by")) == [("Writers", "staff")]
    services.withdraw_role(writers, Resource.objects.get(pk=ann), actor=make_actor())
    assert scopes_of("ann") == []


def test_changed_and_deleted_roles_are_applied_to_everybody(tenant: Tenant, ask: Asker) -> None:
    readers = role(tenant, "Readers", ["Drivers"])
    ann, bob = ask.user("ann")["id"], ask.user("bob")["id"]
    ask.group("Drivers", [ann])
    ask.group("Pilots", [bob])

    services.save_role(
        tenant,
        name="Readers",
        scopes=["events:write"],
        permissions=[],
        groups=["pilots"],
        actor=make_actor(),
        role=readers,
    )
    looked_at = settled()
    changed = [scopes_of("ann"), scopes_of("bob")]
    services.delete_role(readers, actor=make_actor())
    settled()

    assert looked_at == 2
    assert changed == [[], ["events:write"]]
    assert [scopes_of("ann"), scopes_of("bob")] == [[], []]
    actions = AuditEntry.objects.filter(action__startswith="role.").values_list("action", flat=True)
    assert sorted(actions) == ["role.changed", "role.created", "role.deleted"]


def test_role_with_permissions_lets_people_into_the_admin(tenant: Tenant, ask: Asker) -> None:
    role(tenant, "Clerks", ["Office"], permissions=[permission("view_directory")])
    ann = ask.user("ann")["id"]
    group = f"/Groups/{ask.group('Office', [ann])['id']}"

    inside = (person("ann").is_staff, person("ann").get_all_permissions())
    ask.patch(group, removing(ann))
    outside = (person("ann").is_staff, person("ann").get_all_permissions())

    assert inside == (True, {"scim.view_directory"})
    assert outside == (False, set())


def test_staff_by_hand_stays_staff_when_a_role_goes(tenant: Tenant, ask: Asker) -> None:
    role(tenant, "Clerks", ["Office"], permissions=[permission("view_directory")])
    ann = ask.user("ann")["id"]
    known = person("ann")
    known.is_staff = True
    known.save()
    group = f"/Groups/{ask.group('Office', [ann])['id']}"

    ask.patch(group, removing(ann))

    assert person("ann").is_staff


def test_role_gives_nothing_that_only_operators_may(tenant: Tenant, ask: Asker) -> None:
    with pytest.raises(ValidationError):
        role(tenant, "Kings", permissions=[permission("add_tenant")])

    assert not RoleGrant.objects.exists()


def test_directory_that_manages_nothing_touches_nobody(tenant: Tenant) -> None:
    ask = opened(tenant)
    role(tenant, "Readers", ["Drivers"])

    ask.group("Drivers", [ask.user("ann")["id"]])

    assert not RoleGrant.objects.exists()
    assert not tenant.users.exists()


def test_roles_are_those_of_the_tenant(tenant: Tenant, stranger: Tenant, ask: Asker) -> None:
    role(stranger, "Readers", ["Drivers"])

    ask.group("Drivers", [ask.user("ann")["id"]])

    assert scopes_of("ann") == []


def test_switching_on_later_brings_everybody_in_step(tenant: Tenant) -> None:
    ask = opened(tenant)
    role(tenant, "Readers", ["Drivers"])
    ask.group("Drivers", [ask.user("ann")["id"]])
    ask.user("bob", active=False)

    looked_at = manage(tenant, manages=True)

    assert looked_at == 2
    assert scopes_of("ann") == ["events:read"]
    assert [user.username for user in tenant.users.all()] == ["ann"]
