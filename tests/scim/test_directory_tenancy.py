"""Strangers at a directory: the tokens and the ids of other tenants."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Tenant
from scim.models import Membership, Resource
from tests.scim.asking import (
    BULK,
    ENTERPRISE,
    ERROR,
    NOBODY,
    SEARCH,
    USER,
    WRONG,
    Asker,
    adding,
    happened,
    opened,
    said,
    setting,
)

pytestmark = pytest.mark.django_db
REQUESTS = [
    ("GET", "/Users"),
    ("GET", "/Me"),
    ("GET", "/ServiceProviderConfig"),
    ("POST", "/Users"),
    ("POST", "/Bulk"),
    ("POST", "/.search"),
    ("DELETE", "/Users/scm_01kb2v8x5fq3t9w6y4n7m0r2c1"),
    ("GET", "/nothing/of/the/kind"),
]


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    """What acme's identity provider may ask."""
    return opened(tenant)


@pytest.fixture
def ask_stranger(stranger: Tenant) -> Asker:
    """What globex's identity provider may ask."""
    return opened(stranger)


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("slug", ["globex", "nobody"])
def test_token_of_another_tenant_opens_nothing(
    ask: Asker, ask_stranger: Asker, stranger: Tenant, slug: str, request_: tuple[str, str]
) -> None:
    method, path = request_
    ask_stranger.user("hidden")
    before = happened(stranger)

    answer = Asker(slug, ask.token)(method, path, {"schemas": [USER], "userName": "intruder"})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="SCIM"'
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert said(answer) == WRONG
    assert happened(stranger) == before
    assert Resource.objects.for_tenant(stranger).count() == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer pbk_", "pbk_x"])
def test_request_without_a_token_is_refused(ask: Asker, header: str) -> None:
    answer = ask("GET", "/Users", Authorization=header)

    assert answer.status_code == 401
    assert said(answer) == WRONG


def test_wrong_tokens_are_refused_with_the_same_work(ask: Asker, ask_stranger: Asker) -> None:
    ask.user("ann")
    ask_stranger.user("bob")
    half = f"{ask.token[:-8]}00000000"
    wrong = {
        "an unknown token": Asker("acme", NOBODY),
        "a token whose end is wrong": Asker("acme", half),
        "another tenant's token": Asker("acme", ask_stranger.token),
        "an unknown tenant": Asker("nobody", ask.token),
        "an unknown token of an unknown tenant": Asker("nobody", NOBODY),
    }

    counts = {}
    for name, stranger in wrong.items():
        with CaptureQueriesContext(connection) as queries:
            assert stranger("GET", "/Users").status_code == 401
        counts[name] = len(queries)

    assert counts == dict.fromkeys(wrong, counts["an unknown token"])


def test_first_use_at_a_wrong_door_is_no_more_work(ask: Asker, ask_stranger: Asker) -> None:
    with CaptureQueriesContext(connection) as of_nobody:
        Asker("acme", NOBODY)("GET", "/Users")
    with CaptureQueriesContext(connection) as of_a_stranger:
        Asker("acme", ask_stranger.token)("GET", "/Users")

    assert len(of_a_stranger) == len(of_nobody)


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_id_of_another_tenant_is_not_found(
    ask: Asker, ask_stranger: Asker, stranger: Tenant, kind: str
) -> None:
    theirs = ask_stranger.user("bob") if kind == "Users" else ask_stranger.group("Bobs")
    path, name = f"/{kind}/{theirs['id']}", "userName" if kind == "Users" else "displayName"
    replacement = {"schemas": theirs["schemas"], name: "taken over"}
    before = happened(stranger)

    answers = [
        ask("GET", path),
        ask("PUT", path, replacement),
        ask.patch(path, setting(name, "taken over")),
        ask("DELETE", path),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert [said(answer)["schemas"] for answer in answers] == [[ERROR]] * 4
    assert ask_stranger.read(path) == theirs
    assert happened(stranger) == before


def test_bulk_request_reaches_no_other_tenant(
    ask: Asker, ask_stranger: Asker, stranger: Tenant
) -> None:
    theirs = ask_stranger.user("bob")
    path = f"/Users/{theirs['id']}"
    operation = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}
    before = happened(stranger)

    answer = ask(
        "POST",
        "/Bulk",
        {
            "schemas": [BULK],
            "Operations": [
                {"method": "DELETE", "path": path},
                {"method": "PUT", "path": path, "data": {"schemas": [USER], "userName": "x"}},
                {
                    "method": "PATCH",
                    "path": path,
                    "data": operation | {"Operations": [setting("userName", "x")]},
                },
            ],
        },
    )

    assert answer.status_code == 200
    assert [each["status"] for each in said(answer)["Operations"]] == ["404"] * 3
    assert ask_stranger.read(path) == theirs
    assert happened(stranger) == before


@pytest.mark.parametrize(
    "template",
    [
        'id eq "{user}"',
        'groups eq "{group}"',
        'members eq "{user}"',
        'members[value eq "{user}"]',
        f'{ENTERPRISE}:manager.value eq "{{user}}"',
        'userName eq "bob"',
        'id pr and displayName eq "Bobs"',
    ],
)
def test_filter_finds_nothing_of_another_tenant(
    ask: Asker, ask_stranger: Asker, template: str
) -> None:
    ask.group("Anns", [ask.user("ann")["id"]])
    user = ask_stranger.user("bob")["id"]
    ask_stranger.user(
        "bobby", **{"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": user}}}
    )
    group = ask_stranger.group("Bobs", [user])["id"]
    condition = template.format(user=user, group=group)
    kind = "Groups" if "members" in template or "displayName" in template else "Users"
    body = {"schemas": [SEARCH], "filter": condition}

    here, there = (said(who("POST", f"/{kind}/.search", body)) for who in (ask, ask_stranger))

    assert (here["totalResults"], here["Resources"]) == (0, [])
    assert there["totalResults"] == 1


def test_user_of_another_tenant_is_only_noted_as_a_member(
    ask: Asker, ask_stranger: Asker, tenant: Tenant, stranger: Tenant
) -> None:
    theirs = ask_stranger.user("bob", externalId="ext-bob")
    group = ask.group("Anns", [theirs["id"]])["id"]
    patched = ask.patch(f"/Groups/{group}", adding(theirs["id"], "ext-bob"))

    ask_stranger.patch(f"/Users/{theirs['id']}", setting("externalId", "other"))
    ask_stranger.patch(f"/Users/{theirs['id']}", setting("externalId", "ext-bob"))

    assert patched.status_code == 200
    assert "members" not in ask.read(f"/Groups/{group}")
    assert "groups" not in ask_stranger.read(f"/Users/{theirs['id']}")
    noted = Membership.objects.for_tenant(tenant).filter(member=None)
    assert set(noted.values_list("unknown_id", flat=True)) == {theirs["id"], "ext-bob"}
    assert Membership.objects.for_tenant(tenant).count() == 2
    assert Membership.objects.for_tenant(stranger).count() == 0
    assert happened(tenant) == [("group.created", group)]


def test_cursor_of_another_tenant_shows_nothing_of_it(ask: Asker, ask_stranger: Asker) -> None:
    for number in range(3):
        ask_stranger.user(f"theirs-{number}")
    ours = [ask.user(f"ours-{number}")["id"] for number in range(3)]
    cursor = ask_stranger.read("/Users?count=1&cursor")["nextCursor"]

    answer = ask("GET", f"/Users?count=1&cursor={cursor}")

    page = said(answer)
    assert (answer.status_code, page["totalResults"]) == (200, 3)
    assert [each["id"] for each in page["Resources"]] == ours[:1]
