"""Groups: in each other, with members nobody knows, and with more members than anyone reads."""

import pytest

from core.models import Tenant
from scim.models import Membership
from tests.scim.asking import (
    GROUP,
    UNKNOWN_ID,
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


def groups_of(ask: Asker, user: str) -> dict[str, str]:
    """Return the groups that a user is in, and whether directly."""
    shown = ask.read(f"/Users/{user}").get("groups", [])
    return {each["display"]: each["type"] for each in shown}


def test_user_is_in_the_groups_above_its_groups(ask: Asker) -> None:
    user = ask.user("ann")["id"]
    inner = ask.group("Inner", [user])["id"]
    middle = ask.group("Middle", [inner])["id"]
    outer = ask.group("Outer", [middle])["id"]

    assert groups_of(ask, user) == {"Inner": "direct", "Middle": "indirect", "Outer": "indirect"}
    (member,) = ask.read(f"/Groups/{outer}")["members"]
    assert (member["value"], member["type"]) == (middle, "Group")
    assert member["$ref"].endswith(f"/scim/v2/acme/Groups/{middle}")

    ask("DELETE", f"/Groups/{middle}")

    assert groups_of(ask, user) == {"Inner": "direct"}
    assert ask.members(outer) == set()


def test_groups_in_a_circle_are_answered(ask: Asker) -> None:
    user = ask.user("ann")["id"]
    first = ask.group("First", [user])["id"]
    second = ask.group("Second", [first])["id"]

    closed = ask.patch(f"/Groups/{first}", adding(second))

    assert closed.status_code == 200
    assert groups_of(ask, user) == {"First": "direct", "Second": "indirect"}
    found = ask.read(f'/Users?filter=groups%20eq%20"{second}"')
    assert [each["id"] for each in found["Resources"]] == [user]


def test_group_in_itself_is_refused(tenant: Tenant, ask: Asker) -> None:
    group = ask.group("Drivers")
    path = f"/Groups/{group['id']}"
    before = happened(tenant)

    answers = [
        ask.patch(path, adding(group["id"])),
        ask.patch(path, setting("members", entries([group["id"]]))),
        ask("PUT", path, {**group, "members": entries([group["id"]])}),
    ]

    assert [(answer.status_code, said(answer)["scimType"]) for answer in answers] == [
        (400, "invalidValue")
    ] * 3
    assert ask.read(path) == group
    assert happened(tenant) == before


def test_stale_ids_sink_no_push(tenant: Tenant, ask: Asker) -> None:
    gone, ann, bob = (ask.user(name)["id"] for name in ("gone", "ann", "bob"))
    ask("DELETE", f"/Users/{gone}")

    group = ask.group("Drivers", [gone, ann, UNKNOWN_ID, "00u-eve"])
    patched = ask.patch(f"/Groups/{group['id']}", adding("nobody", bob, gone))

    assert [each["value"] for each in group["members"]] == [ann]
    assert patched.status_code == 200
    assert ask.members(group["id"]) == {ann, bob}
    unknown = Membership.objects.for_tenant(tenant).filter(member=None)
    assert set(unknown.values_list("unknown_id", flat=True)) == {
        *(gone, UNKNOWN_ID, "00u-eve", "nobody")
    }


def test_unknown_member_is_linked_when_it_arrives(tenant: Tenant, ask: Asker) -> None:
    groups = sorted(ask.group(f"Group {number}", ["00u-eve"])["id"] for number in range(2))
    path = f"/Groups/{groups[0]}"
    tag = ask("GET", path).headers["ETag"]

    eve = ask.user("eve", externalId="00u-eve")["id"]

    assert [ask.members(group) for group in groups] == [{eve}, {eve}]
    assert happened(tenant)[-3:] == [
        ("user.created", eve),
        *(("group.user_added", group) for group in groups),
    ]
    assert ask("GET", path).headers["ETag"] != tag
    assert Membership.objects.for_tenant(tenant).filter(member=None).count() == 0


def test_unknown_member_can_be_taken_out_again(tenant: Tenant, ask: Asker) -> None:
    group = ask.group("Drivers", ["00u-eve"])["id"]

    answer = ask.patch(f"/Groups/{group}", removing("00u-eve"))
    ask.user("eve", externalId="00u-eve")

    assert answer.status_code == 200
    assert ask.members(group) == set()


def test_member_that_is_also_noted_by_its_other_id_is_a_member_once(ask: Asker) -> None:
    eve = ask.user("eve")["id"]
    group = ask.group("Drivers", [eve, "00u-eve"])["id"]

    answer = ask.patch(f"/Users/{eve}", setting("externalId", "00u-eve"))

    assert answer.status_code == 200
    assert ask.members(group) == {eve}


def test_group_that_noted_its_own_other_id_does_not_come_into_itself(ask: Asker) -> None:
    group = ask.group("Drivers", ["ext-drivers"])["id"]

    answer = ask.patch(f"/Groups/{group}", setting("externalId", "ext-drivers"))

    assert answer.status_code == 200
    assert ask.members(group) == set()


def test_patch_of_a_large_group_does_not_answer_with_its_members(ask: Asker) -> None:
    users = [ask.user(f"user-{number}")["id"] for number in range(151)]
    large = ask.group("Large", users[:150])["id"]
    small = ask.group("Small", users[:2])["id"]

    of_large = ask.patch(f"/Groups/{large}", adding(users[150]))
    of_small = ask.patch(f"/Groups/{small}", adding(users[2]))

    assert (of_large.status_code, of_large.content) == (204, b"")
    assert of_large.headers["ETag"] == ask("GET", f"/Groups/{large}").headers["ETag"]
    assert ask.members(large) == set(users)
    assert of_small.status_code == 200
    assert {each["value"] for each in said(of_small)["members"]} == set(users[:3])


def test_large_group_shows_what_a_patch_asks_for(ask: Asker) -> None:
    users = [ask.user(f"user-{number}")["id"] for number in range(101)]
    path = f"/Groups/{ask.group('Large', users)['id']}"

    answer = ask.patch(f"{path}?attributes=displayName", removing(users[0]))

    assert answer.status_code == 200
    assert set(said(answer)) == {"schemas", "id", "displayName"}
    assert "members" not in ask.read(f"{path}?excludedAttributes=members")


def test_group_is_replaced_with_its_members(ask: Asker) -> None:
    ann, bob = (ask.user(name)["id"] for name in ("ann", "bob"))
    path = f"/Groups/{ask.group('Drivers', [ann])['id']}"

    answer = ask("PUT", path, {"schemas": [GROUP], "displayName": "D", "members": entries([bob])})
    emptied = ask("PUT", path, {"schemas": [GROUP], "displayName": "D"})

    assert [each["value"] for each in said(answer)["members"]] == [bob]
    assert "members" not in said(emptied)


def test_names_that_are_written_in_other_code_points_are_the_same(ask: Asker) -> None:
    composed, decomposed = "J\u00fcrgen", "Ju\u0308rgen"
    group = ask.group("Drivers", [decomposed])

    user = ask.user("jo", externalId=composed)

    found = ask.read(f'/Users?filter=externalId eq "{decomposed}"')
    assert [each["id"] for each in found["Resources"]] == [user["id"]]
    assert found["Resources"][0]["externalId"] == composed
    assert ask.members(group["id"]) == {user["id"]}
