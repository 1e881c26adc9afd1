"""Many requests at once: nothing is lost, nothing is done twice, nobody is told to come again."""

import pytest
from django.conf import LazySettings

from core.models import Event, Tenant
from scim.models import Membership, Resource
from tests.makers import make_tenant
from tests.parallel import in_threads
from tests.scim.asking import BULK, PATCH, USER, Asker, adding, opened, removing, said, setting

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 50
SOME = 8


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def ask(tenant: Tenant, settings: LazySettings) -> Asker:
    settings.SCIM_RATE_LIMIT_PER_MINUTE = 1_000_000
    return opened(tenant)


def make_users(ask: Asker, number: int) -> list[str]:
    return [ask.user(f"user-{each}")["id"] for each in range(number)]


def version(ask: Asker, path: str) -> int:
    return int(ask.read(path)["meta"]["version"].removeprefix('W/"').removesuffix('"'))


def number_of_events(tenant: Tenant, event_type: str) -> int:
    count: int = Event.objects.for_tenant(tenant).filter(type=event_type).count()
    return count


def test_fifty_adds_and_removes_at_once_lose_nothing(tenant: Tenant, ask: Asker) -> None:
    users = make_users(ask, MANY)
    group = ask.group("Drivers")["id"]
    path = f"/Groups/{group}"

    added = in_threads(MANY, lambda number: ask.patch(path, adding(users[number])).status_code)

    assert added == [200] * MANY
    assert ask.members(group) == set(users)
    assert version(ask, path) == 1 + MANY
    assert number_of_events(tenant, "group.user_added") == MANY

    # The even ones leave, while as many others come.
    others = [ask.user(f"other-{number}")["id"] for number in range(0, MANY, 2)]
    mixed = in_threads(
        MANY,
        lambda number: (
            ask.patch(
                path, adding(others[number // 2]) if number % 2 else removing(users[number])
            ).status_code
        ),
    )

    assert mixed == [200] * MANY
    assert ask.members(group) == {*users[1::2], *others}
    assert version(ask, path) == 1 + 2 * MANY
    assert number_of_events(tenant, "group.user_added") == MANY + MANY // 2
    assert number_of_events(tenant, "group.user_removed") == MANY // 2


def test_patches_of_one_user_without_a_condition_all_succeed(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann")["id"]
    fields = ["title", "locale", "timezone", "nickName"]
    operations = [setting(fields[each % 4], f"value-{each // 4}") for each in range(SOME)]

    answers = in_threads(SOME, lambda number: ask.patch(f"/Users/{user}", operations[number]))

    assert [answer.status_code for answer in answers] == [200] * SOME
    stored = ask.read(f"/Users/{user}")
    assert all(stored[field] in ("value-0", "value-1") for field in fields)
    assert version(ask, f"/Users/{user}") == 1 + SOME


def test_patches_of_one_group_without_a_condition_all_succeed(tenant: Tenant, ask: Asker) -> None:
    users = make_users(ask, SOME)
    group = ask.group("Drivers")["id"]

    answers = in_threads(
        SOME,
        lambda number: ask.patch(
            f"/Groups/{group}", setting("displayName", f"Drivers {number}"), adding(users[number])
        ),
    )

    assert [answer.status_code for answer in answers] == [200] * SOME
    assert ask.members(group) == set(users)
    assert number_of_events(tenant, "group.updated") == SOME
    assert number_of_events(tenant, "group.user_added") == SOME


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_of_patches_of_one_version_one_succeeds(tenant: Tenant, ask: Asker, kind: str) -> None:
    created = ask.user("ann") if kind == "Users" else ask.group("Drivers")
    path, tag = f"/{kind}/{created['id']}", created["meta"]["version"]

    answers = in_threads(
        SOME,
        lambda number: ask.patch(path, setting("displayName", f"N {number}"), If_Match=tag),
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * (SOME - 1)
    (winner,) = (said(answer) for answer in answers if answer.status_code == 200)
    assert ask.read(path)["displayName"] == winner["displayName"]
    assert version(ask, path) == 2


def test_one_name_in_different_letters_is_given_once(tenant: Tenant, ask: Asker) -> None:
    names = ["Ann@Example.com", "ann@example.com", "ANN@EXAMPLE.COM", "aNN@eXAMPLE.cOM"]
    schemas = [USER]

    answers = in_threads(
        len(names),
        lambda number: ask("POST", "/Users", {"schemas": schemas, "userName": names[number]}),
    )

    refused = [said(answer) for answer in answers if answer.status_code != 201]
    assert [(each["status"], each["scimType"]) for each in refused] == [("409", "uniqueness")] * 3
    assert Resource.objects.for_tenant(tenant).count() == 1
    assert number_of_events(tenant, "user.created") == 1


def test_users_who_swap_names_at_once_keep_two_names(tenant: Tenant, ask: Asker) -> None:
    users = [ask.user(name)["id"] for name in ("ann", "bob")]

    answers = in_threads(
        2,
        lambda number: ask.patch(
            f"/Users/{users[number]}", setting("userName", ("bob", "ann")[number])
        ),
    )

    assert [said(answer).get("scimType") for answer in answers] == ["uniqueness"] * 2
    assert [ask.read(f"/Users/{user}")["userName"] for user in users] == ["ann", "bob"]
    assert number_of_events(tenant, "user.updated") == 0


def test_deleted_user_is_in_no_group_that_it_is_being_added_to(tenant: Tenant, ask: Asker) -> None:
    users = make_users(ask, 3)
    groups = [ask.group(f"Group {number}")["id"] for number in range(SOME)]

    def work(number: int) -> int:
        if number < len(users):
            return ask("DELETE", f"/Users/{users[number]}").status_code
        group = groups[number - len(users)]
        return ask.patch(f"/Groups/{group}", adding(*users)).status_code

    statuses = in_threads(len(users) + SOME, work)

    assert statuses == [204] * len(users) + [200] * SOME
    assert Membership.objects.for_tenant(tenant).exclude(member=None).count() == 0
    assert [ask.members(group) for group in groups] == [set()] * SOME
    came = number_of_events(tenant, "group.user_added")
    assert number_of_events(tenant, "group.user_removed") == came


def test_opposite_adds_of_several_users_to_several_groups_succeed(
    tenant: Tenant, ask: Asker
) -> None:
    users = make_users(ask, 6)
    groups = [ask.group(f"Group {number}")["id"] for number in range(4)]

    def work(number: int) -> list[int]:
        turned = number % 2 == 1
        wanted = users[::-1] if turned else users
        return [
            ask.patch(f"/Groups/{group}", adding(*wanted)).status_code
            for group in (groups[::-1] if turned else groups)
        ]

    statuses = in_threads(SOME, work)

    assert statuses == [[200] * len(groups)] * SOME
    assert [ask.members(group) for group in groups] == [set(users)] * len(groups)
    assert number_of_events(tenant, "group.user_added") == len(users) * len(groups)


def test_groups_that_become_members_of_each_other_at_once_succeed(
    tenant: Tenant, ask: Asker
) -> None:
    groups = [ask.group(f"Group {number}")["id"] for number in range(2)]

    statuses = in_threads(
        2, lambda number: ask.patch(f"/Groups/{groups[number]}", adding(groups[1 - number]))
    )

    assert [answer.status_code for answer in statuses] == [200, 200]
    assert [ask.members(group) for group in groups] == [{groups[1]}, {groups[0]}]


def test_bulk_requests_that_stand_in_each_others_way_all_succeed(
    tenant: Tenant, ask: Asker
) -> None:
    users = make_users(ask, 12)
    groups = [ask.group(f"Group {number}", users)["id"] for number in range(4)]
    data = {"schemas": [PATCH], "Operations": [adding(*users[::-1])]}

    def work(number: int) -> set[str]:
        deleting = [{"method": "DELETE", "path": f"/Users/{user}"} for user in users[number::4]]
        path = f"/Groups/{groups[number % 4]}"
        pushing = [{"method": "PATCH", "path": path, "data": data} for _ in range(4)]
        chosen = deleting if number < 4 else pushing
        answer = ask("POST", "/Bulk", {"schemas": [BULK], "Operations": chosen})
        return {each["status"] for each in said(answer)["Operations"]}

    statuses = in_threads(SOME, work)

    assert statuses == [{"204"}] * 4 + [{"200"}] * 4
    assert [ask.members(group) for group in groups] == [set()] * len(groups)
