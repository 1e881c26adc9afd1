"""What a directory publishes, and that it publishes nothing when nothing has changed."""

import json

import pytest

from core.models import Event, Tenant
from scim.models import ProvisioningEntry, Resource
from tests.scim.asking import (
    BULK,
    GROUP,
    UNKNOWN_ID,
    USER,
    Asker,
    adding,
    entries,
    happened,
    opened,
    removing,
    said,
    setting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def events_of(tenant: Tenant, entity: str) -> list[tuple[str, object]]:
    """Return type and data of each event about ``entity``, oldest first."""
    rows = Event.objects.for_tenant(tenant).filter(entity_id=entity).order_by("id")
    return [(event.type, event.data) for event in rows]


def test_life_of_a_user_is_told_in_its_order(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann", title="Driver", name={"givenName": "Ann"}, active=True)["id"]
    path = f"/Users/{user}"
    ann = {"id": user, "user_name": "ann", "title": "Driver", "given_name": "Ann", "active": True}

    ask.patch(path, setting("title", "Lead"))
    ask.patch(path, setting("active", False))
    ask.patch(path, setting("active", True))
    ask("DELETE", path)

    lead = {**ann, "title": "Lead"}
    off = {**lead, "active": False}
    assert events_of(tenant, user) == [
        ("user.created", ann),
        ("user.updated", {**lead, "changes": {"title": {"old": "Driver", "new": "Lead"}}}),
        ("user.deactivated", {**off, "changes": {"active": {"old": True, "new": False}}}),
        ("user.updated", {**lead, "changes": {"active": {"old": False, "new": True}}}),
        ("user.deleted", lead),
    ]


def test_events_name_the_token_that_caused_them(tenant: Tenant, ask: Asker) -> None:
    ask.user("ann")

    (event,) = Event.objects.for_tenant(tenant)
    key = tenant.api_keys.get()
    assert (event.actor["kind"], event.actor["id"], event.actor["label"]) == (
        "api_key",
        key.id,
        "SCIM",
    )
    assert ask.token not in json.dumps(event.actor)


def test_life_of_a_group_is_told_in_its_order(tenant: Tenant, ask: Asker) -> None:
    ann, bob, eve = (ask.user(name)["id"] for name in ("ann", "bob", "eve"))
    users = {
        each: {"id": each, "user_name": name, "active": True}
        for each, name in ((ann, "ann"), (bob, "bob"), (eve, "eve"))
    }
    group = ask.group("Drivers", [ann])["id"]
    path, drivers = f"/Groups/{group}", {"id": group, "display_name": "Drivers"}

    ask.patch(path, adding(bob))
    ask.patch(path, removing(ann))
    ask.patch(path, setting("members", entries([bob, eve])))
    ask.patch(path, setting("displayName", "Carriers"))
    ask("DELETE", path)

    carriers = {"id": group, "display_name": "Carriers"}
    renamed = {"display_name": {"old": "Drivers", "new": "Carriers"}}
    assert events_of(tenant, group) == [
        ("group.created", drivers),
        ("group.user_added", {"group": drivers, "user": users[ann]}),
        ("group.user_added", {"group": drivers, "user": users[bob]}),
        ("group.user_removed", {"group": drivers, "user": users[ann]}),
        ("group.user_added", {"group": drivers, "user": users[eve]}),
        ("group.updated", {**carriers, "changes": renamed}),
        ("group.deleted", carriers),
    ]


def test_put_that_renames_and_replaces_tells_of_both(tenant: Tenant, ask: Asker) -> None:
    ann, bob = (ask.user(name)["id"] for name in ("ann", "bob"))
    group = ask.group("Drivers", [ann])["id"]
    body = {"schemas": [GROUP], "displayName": "Carriers", "members": entries([bob])}

    answer = ask("PUT", f"/Groups/{group}", body)

    assert answer.status_code == 200
    assert [name for name, _ in events_of(tenant, group)][2:] == [
        "group.updated",
        "group.user_removed",
        "group.user_added",
    ]
    assert answer.headers["ETag"] == ask.read(f"/Groups/{group}")["meta"]["version"]


def test_deleted_user_leaves_its_groups(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann")["id"]
    groups = sorted(ask.group(f"Group {number}", [user])["id"] for number in range(3))
    versions = [ask.read(f"/Groups/{group}")["meta"]["version"] for group in groups]

    ask("DELETE", f"/Users/{user}")

    assert happened(tenant)[-4:] == [
        *(("group.user_removed", group) for group in groups),
        ("user.deleted", user),
    ]
    assert [ask.members(group) for group in groups] == [set()] * 3
    assert all(
        ask.read(f"/Groups/{group}")["meta"]["version"] != before
        for group, before in zip(groups, versions, strict=True)
    )


def test_log_says_of_a_deleted_member_that_it_was_deleted(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann")["id"]
    ask.group("Drivers", [user])

    ask("DELETE", f"/Users/{user}")

    entry = ProvisioningEntry.objects.for_tenant(tenant).latest("id")
    assert (entry.action, entry.target_id, entry.target_label) == ("user.deleted", user, "ann")


def test_log_says_what_a_put_has_changed(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann")["id"]

    ask("PUT", f"/Users/{user}", {"schemas": [USER], "userName": "ann", "title": "Lead"})

    entry = ProvisioningEntry.objects.for_tenant(tenant).latest("id")
    assert (entry.action, entry.target_id) == ("user.updated", user)
    assert entry.changes == {"title": {"new": "Lead"}}


def test_what_changes_nothing_publishes_nothing(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann", title="Driver", emails=[{"value": "ann@example.com", "type": "work"}])
    group = ask.group("Drivers", [user["id"]])
    before = happened(tenant)
    of_user, of_group = f"/Users/{user['id']}", f"/Groups/{group['id']}"

    answers = [
        ask("PUT", of_user, user),
        ask.patch(of_user, setting("title", "Driver")),
        ask.patch(of_user, {"op": "add", "path": "emails", "value": user["emails"]}),
        ask.patch(of_user, {"op": "remove", "path": "nickName"}),
        ask("PUT", of_group, group),
        ask.patch(of_group, adding(user["id"])),
        ask.patch(of_group, adding(user["id"], user["id"])),
        ask.patch(of_group, setting("members", entries([user["id"]]))),
        ask.patch(of_group, setting("displayName", "Drivers")),
        ask.patch(of_group, removing(UNKNOWN_ID)),
    ]

    assert [answer.status_code for answer in answers] == [200] * 10
    tags = [answer.headers["ETag"] for answer in answers]
    assert tags == [user["meta"]["version"]] * 4 + [group["meta"]["version"]] * 6
    assert happened(tenant) == before


def test_refused_change_publishes_nothing(tenant: Tenant, ask: Asker) -> None:
    ask.user("bob")
    user = ask.user("ann", title="Driver")
    group = ask.group("Drivers", [ask.user("eve")["id"]])
    before = happened(tenant)

    answers = [
        ask.patch(f"/Users/{user['id']}", setting("title", "x"), setting("userName", "BOB")),
        ask.patch(
            f"/Groups/{group['id']}",
            setting("displayName", "x"),
            removing(group["members"][0]["value"]),
            adding(group["id"]),
        ),
        ask.patch(f"/Users/{user['id']}", setting("title", "x"), setting("nothing", "x")),
    ]

    assert [answer.status_code for answer in answers] == [409, 400, 400]
    assert happened(tenant) == before
    assert ask.read(f"/Users/{user['id']}") == user
    assert ask.read(f"/Groups/{group['id']}") == group


def test_refused_operation_of_a_bulk_request_publishes_nothing(tenant: Tenant, ask: Asker) -> None:
    bodies = [{"schemas": [USER], "userName": name} for name in ("ann", "ANN", "bob")]
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": str(number), "data": body}
        for number, body in enumerate(bodies)
    ]

    answer = ask("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})

    assert [each["status"] for each in said(answer)["Operations"]] == ["201", "409", "201"]
    assert [name for name, _ in happened(tenant)] == ["user.created"] * 2


def test_passwords_are_kept_nowhere(tenant: Tenant, ask: Asker) -> None:
    secret = "correct-horse-9"
    user = ask.user("ann", password=secret)
    path = f"/Users/{user['id']}"

    ask.patch(path, setting("password", f"{secret}-2"))
    ask("PUT", path, {"schemas": [USER], "userName": "ann", "password": secret, "title": "x"})

    row = Resource.objects.for_tenant(tenant).values().get()
    events = list(Event.objects.for_tenant(tenant).values())
    log = list(ProvisioningEntry.objects.for_tenant(tenant).values())
    assert secret not in f"{row}{events}{log}"
    assert "password" not in user
    assert "password" not in ask.read(f"{path}?attributes=password")
    assert ask.read(f'/Users?filter=password%20eq%20"{secret}"')["totalResults"] == 0
