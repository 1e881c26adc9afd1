"""What a directory answers: versions, parts of resources, wrong methods, bulk requests and pages."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from core.models import Tenant
from scim.models import Resource
from tests.scim.asking import (
    BULK,
    ERROR,
    GROUP,
    SEARCH,
    USER,
    Asker,
    happened,
    opened,
    said,
    setting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def bulk(*operations: dict[str, object], **options: object) -> dict[str, object]:
    return {"schemas": [BULK], "Operations": list(operations), **options}


def posting(name: str, bulk_id: str = "") -> dict[str, object]:
    data = {"schemas": [USER], "userName": name}
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id or name, "data": data}


def names(listed: Any) -> list[str]:
    return [each["userName"] for each in listed["Resources"]]


def test_unchanged_resource_is_not_sent_again(ask: Asker) -> None:
    user = ask.user("ann")
    path, tag = f"/Users/{user['id']}", user["meta"]["version"]

    same = ask("GET", path, If_None_Match=tag)
    other = ask("GET", path, If_None_Match='W/"99"')

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert (other.status_code, said(other)) == (200, user)


def test_change_of_another_version_is_refused(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann")
    path, stale = f"/Users/{user['id']}", 'W/"99"'
    before = happened(tenant)

    refused = [
        ask.patch(path, setting("title", "x"), If_Match=stale),
        ask("PUT", path, {"schemas": [USER], "userName": "bob"}, If_Match=stale),
        ask("DELETE", path, If_Match=stale),
    ]
    taken = ask.patch(path, setting("title", "x"), If_Match=user["meta"]["version"])

    assert [answer.status_code for answer in refused] == [412] * 3
    assert [said(answer)["schemas"] for answer in refused] == [[ERROR]] * 3
    assert taken.status_code == 200
    assert happened(tenant) == [*before, ("user.updated", user["id"])]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "GET"])
def test_answer_holds_what_was_asked_for(ask: Asker, method: str) -> None:
    user = ask.user("ann", title="Driver", name={"givenName": "Ann", "familyName": "Ames"})
    path = f"/Users/{user['id']}"
    patch: dict[str, object] = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [setting("title", "Lead")],
    }
    body = {"PUT": user, "PATCH": patch, "GET": None}[method]

    chosen = said(ask(method, f"{path}?attributes=userName,name.givenName", body))
    without = said(ask(method, f"{path}?excludedAttributes=name,title,meta,userName", body))

    assert chosen == {
        "schemas": [USER],
        "id": user["id"],
        "userName": "ann",
        "name": {"givenName": "Ann"},
    }
    assert set(without) == {"schemas", "id"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("HEAD", "/Users", {"GET", "POST"}),
        ("OPTIONS", "/Users", {"GET", "POST"}),
        ("DELETE", "/Users", {"GET", "POST"}),
        ("PATCH", "/Groups", {"GET", "POST"}),
        ("POST", "/Users/{id}", {"GET", "PUT", "PATCH", "DELETE"}),
        ("OPTIONS", "/Users/{id}", {"GET", "PUT", "PATCH", "DELETE"}),
        ("GET", "/Bulk", {"POST"}),
        ("GET", "/.search", {"POST"}),
        ("POST", "/ServiceProviderConfig", {"GET"}),
        ("DELETE", "/Schemas", {"GET"}),
        ("TRACE", "/ResourceTypes", {"GET"}),
    ],
)
def test_wrong_method_is_told_the_right_ones(
    ask: Asker, method: str, path: str, allowed: set[str]
) -> None:
    user = ask.user("ann")["id"]

    answer = ask(method, path.format(id=user))

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert Resource.objects.present().count() == 1


def test_operations_of_a_bulk_request_refer_to_each_other(ask: Asker) -> None:
    drivers = {
        "schemas": [GROUP],
        "displayName": "Drivers",
        "members": [{"value": "bulkId:ann"}, {"value": "bulkId:bob"}],
    }

    answer = ask(
        "POST",
        "/Bulk",
        bulk(
            {"method": "POST", "path": "/Groups", "bulkId": "drivers", "data": drivers},
            posting("ann"),
            posting("bob"),
        ),
    )

    outcomes = said(answer)["Operations"]
    assert [(each["bulkId"], each["status"]) for each in outcomes] == [
        ("drivers", "201"),
        ("ann", "201"),
        ("bob", "201"),
    ]
    group, *users = (each["location"].rpartition("/")[2] for each in outcomes)
    assert ask.members(group) == set(users)


def test_bulk_request_ends_at_the_number_of_errors_it_accepts(tenant: Tenant, ask: Asker) -> None:
    ask.user("ann")
    operations = [posting("ann", "1"), posting("bob"), posting("ann", "2"), posting("eve")]

    answer = ask("POST", "/Bulk", bulk(*operations, failOnErrors=2))

    outcomes = said(answer)["Operations"]
    assert [each["status"] for each in outcomes] == ["409", "201", "409"]
    assert outcomes[0]["response"]["scimType"] == "uniqueness"
    assert sorted(Resource.objects.for_tenant(tenant).values_list("key", flat=True)) == [
        "ann",
        "bob",
    ]


def test_bulk_request_of_too_many_operations_is_refused(tenant: Tenant, ask: Asker) -> None:
    limit = ask.read("/ServiceProviderConfig")["bulk"]["maxOperations"]

    answer = ask("POST", "/Bulk", bulk(*(posting(str(number)) for number in range(limit + 1))))

    assert (answer.status_code, said(answer)["status"]) == (413, "413")
    assert happened(tenant) == []


@pytest.mark.parametrize("excess", [1, 20 * 1024 * 1024])
def test_bulk_request_of_too_many_bytes_is_refused(tenant: Tenant, ask: Asker, excess: int) -> None:
    limit = ask.read("/ServiceProviderConfig")["bulk"]["maxPayloadSize"]
    body = bulk(posting("ann"))
    missing = limit - len(json.dumps(bulk(posting(""), padding=""))) + excess

    answer = ask("POST", "/Bulk", {**body, "padding": "x" * missing})

    assert answer.status_code == 413
    assert said(answer)["schemas"] == [ERROR]
    assert happened(tenant) == []


def test_pages_by_index_hold_what_they_should(ask: Asker) -> None:
    for name in ("ann", "bob", "eve"):
        ask.user(name)

    counted = ask.read("/Users?count=0")
    second = ask.read("/Users?startIndex=2&count=1&sortBy=userName")
    beyond = ask.read("/Users?startIndex=99")
    negative = ask.read("/Users?startIndex=-3&count=-1")

    assert (counted["totalResults"], counted["itemsPerPage"]) == (3, 0)
    assert counted.get("Resources", []) == []
    assert (second["startIndex"], second["itemsPerPage"], names(second)) == (2, 1, ["bob"])
    assert (beyond["totalResults"], beyond["Resources"]) == (3, [])
    assert (negative["startIndex"], negative["itemsPerPage"]) == (1, 0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sortBy=userName", ["ann", "Bob", "eve"]),
        ("sortBy=userName&sortOrder=descending", ["eve", "Bob", "ann"]),
        ("sortBy=title", ["eve", "ann", "Bob"]),
        ("sortBy=name.familyName&filter=" + quote('name.familyName ge "c"'), ["ann", "eve"]),
    ],
)
def test_users_are_sorted(ask: Asker, query: str, expected: list[str]) -> None:
    ask.user("ann", title="b", name={"familyName": "Cole"})
    ask.user("Bob", name={"familyName": "Ames"})
    ask.user("eve", title="A", name={"familyName": "dunn"})

    assert names(ask.read(f"/Users?{query}")) == expected


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_cursors_lead_through_everything_and_back(ask: Asker, order: str) -> None:
    for name in ("ann", "bob", "eve", "dan", "cid"):
        ask.user(name, title="same")
    query = f"count=2&sortBy=title&sortOrder={order}"
    pages = [ask.read(f"/Users?{query}&cursor")]

    while "nextCursor" in pages[-1]:
        pages.append(ask.read(f"/Users?{query}&cursor={quote(pages[-1]['nextCursor'])}"))
    back = ask.read(f"/Users?{query}&cursor={quote(pages[-1]['previousCursor'])}")

    assert [len(page["Resources"]) for page in pages] == [2, 2, 1]
    assert {page["totalResults"] for page in pages} == {5}
    assert sorted(name for page in pages for name in names(page)) == [
        *("ann", "bob", "cid", "dan", "eve")
    ]
    assert names(back) == names(pages[1])


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "x" * 3000])
def test_forged_cursor_is_refused(ask: Asker, cursor: str) -> None:
    answer = ask("GET", f"/Users?count=1&cursor={cursor}")

    assert (answer.status_code, said(answer)["scimType"]) == (400, "invalidCursor")


def test_search_at_the_root_finds_users_and_groups(ask: Asker) -> None:
    user, group = ask.user("ann", displayName="Ann")["id"], ask.group("Anns")["id"]
    ask.user("bob")
    body = {"schemas": [SEARCH], "filter": 'displayName sw "ann"', "attributes": ["displayName"]}

    found = said(ask("POST", "/.search", body))

    assert found["totalResults"] == 2
    assert {each["id"]: each["displayName"] for each in found["Resources"]} == {
        user: "Ann",
        group: "Anns",
    }
