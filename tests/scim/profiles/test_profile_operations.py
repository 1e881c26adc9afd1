"""Operations in the forms that identity providers give them."""

from typing import Any

import pytest

from scim.profiles import KnownAttributes, Profile, RawRequest, Rule, normalize
from scim.profiles.rules.operations import (
    OPERATION_CASE,
    PATH_KEYS,
    READ_ONLY_IN_PATCH,
    REMOVE_LISTED_MEMBERS,
)

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MEMBERS = "urn:ietf:params:scim:schemas:core:2.0:Group:members"


def patched(
    known: KnownAttributes, rule: Rule, resource_type: str, operations: list[Any]
) -> tuple[list[Any], list[str]]:
    """Return the operations as the rule leaves them, and where it has fired."""
    profile = Profile(name="one", title="One rule", rules=(rule,), steps=())
    request = RawRequest(
        kind="patch", resource_type=resource_type, body={"Operations": operations}, query={}
    )
    normalized = normalize(profile, request, known)
    assert isinstance(normalized.body, dict)
    assert {firing.rule for firing in normalized.firings} <= {rule.name}
    return normalized.body["Operations"], [firing.where for firing in normalized.firings]


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (
            {"op": "Replace", "path": "active", "value": False},
            {"op": "replace", "path": "active", "value": False},
            ["Operations[0].op"],
        ),
        ({"Op": "ADD", "Path": "title"}, {"Op": "add", "Path": "title"}, ["Operations[0].op"]),
        ({"op": "remove", "path": "title"}, {"op": "remove", "path": "title"}, []),
        ({"op": "Increment", "path": "title"}, {"op": "Increment", "path": "title"}, []),
        ({"op": 7}, {"op": 7}, []),
    ],
)
def test_operation_case_is_lowered_for_the_three_operations_that_exist(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert patched(known, OPERATION_CASE, "User", [before]) == ([after], places)


def test_keys_that_are_paths_become_operations_of_their_own(known: KnownAttributes) -> None:
    value = {
        "displayName": "Ada L.",
        "name.givenName": "Ada",
        f"{ENTERPRISE}:employeeNumber": "7",
        'emails[type eq "work"].value': "ada@example.com",
        ENTERPRISE: {"department": "Engines"},
    }

    operations, places = patched(
        known, PATH_KEYS, "User", [{"op": "replace", "value": value}, {"op": "remove", "path": "x"}]
    )

    assert operations == [
        {
            "op": "replace",
            "value": {"displayName": "Ada L.", ENTERPRISE: {"department": "Engines"}},
        },
        {"op": "replace", "path": "name.givenName", "value": "Ada"},
        {"op": "replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "7"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "ada@example.com"},
        {"op": "remove", "path": "x"},
    ]
    assert places == [
        "Operations[0].value.name.givenName",
        f"Operations[0].value.{ENTERPRISE}:employeeNumber",
        'Operations[0].value.emails[type eq "work"].value',
    ]


def test_a_value_of_nothing_but_paths_leaves_no_empty_operation(known: KnownAttributes) -> None:
    operation = {"op": "add", "value": {"name.givenName": "Ada"}}

    operations, _ = patched(known, PATH_KEYS, "User", [operation])

    assert operations == [{"op": "add", "path": "name.givenName", "value": "Ada"}]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": {"displayName": "Ada"}},
        {"op": "replace", "value": {"NAME": {"givenName": "Ada"}}},
        {"op": "replace", "value": {ENTERPRISE.upper(): {"department": "Engines"}}},
        {"op": "replace", "value": {"name.shoeSize": "7", "emails[": "x"}},
        {"op": "replace", "path": "name", "value": {"name.givenName": "Ada"}},
        {"op": "remove", "value": {"name.givenName": "Ada"}},
        {"op": "replace", "value": ["name.givenName"]},
    ],
)
def test_keys_are_left_when_they_are_names_or_lead_nowhere(
    known: KnownAttributes, operation: Any
) -> None:
    assert patched(known, PATH_KEYS, "User", [operation]) == ([operation], [])


@pytest.mark.parametrize("path", ["members", "Members", MEMBERS])
@pytest.mark.spec("RFC 7644", "3.5.2.2")
def test_listed_members_are_removed_one_by_one(known: KnownAttributes, path: str) -> None:
    value = [{"$ref": None, "value": "u1"}, {"value": 'u"2'}, {"value": "u1"}]

    operations, places = patched(
        known, REMOVE_LISTED_MEMBERS, "Group", [{"op": "Remove", "path": path, "value": value}]
    )

    assert operations == [
        {"op": "remove", "path": f'{path}[value eq "u1"]'},
        {"op": "remove", "path": f'{path}[value eq "u\\"2"]'},
    ]
    assert places == ["Operations[0].value"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "members"},
        {"op": "remove", "path": "members", "value": []},
        {"op": "remove", "path": "members", "value": [{"value": "u1"}, {"display": "Ada"}]},
        {"op": "remove", "path": "members", "value": [{"value": ""}]},
        {"op": "remove", "path": "members", "value": ["u1"]},
        {"op": "remove", "path": 'members[value eq "u1"]'},
        {"op": "remove", "path": "members.value", "value": [{"value": "u1"}]},
        {"op": "add", "path": "members", "value": [{"value": "u1"}]},
    ],
)
def test_members_are_left_when_it_is_not_clear_which_are_meant(
    known: KnownAttributes, operation: Any
) -> None:
    assert patched(known, REMOVE_LISTED_MEMBERS, "Group", [operation]) == ([operation], [])


def test_a_thousand_listed_members_are_a_thousand_operations(known: KnownAttributes) -> None:
    value = [{"value": f"u{number}"} for number in range(1000)]

    operations, places = patched(
        known, REMOVE_LISTED_MEMBERS, "Group", [{"op": "remove", "path": "members", "value": value}]
    )

    assert len(operations) == 1000
    assert operations[999] == {"op": "remove", "path": 'members[value eq "u999"]'}
    assert places == ["Operations[0].value"]


def test_the_id_of_a_renamed_group_is_ignored(known: KnownAttributes) -> None:
    operation = {"op": "replace", "value": {"id": "g1", "displayName": "Engines"}}

    operations, places = patched(known, READ_ONLY_IN_PATCH, "Group", [operation])

    assert operations == [{"op": "replace", "value": {"displayName": "Engines"}}]
    assert places == ["Operations[0].value.id"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "id", "value": "g1"},
        {"op": "replace", "path": "meta", "value": {"version": "1"}},
        {"op": "replace", "value": {"displayName": "Engines", "members": []}},
    ],
)
def test_what_only_the_server_writes_is_left_to_the_core_when_a_path_names_it(
    known: KnownAttributes, operation: Any
) -> None:
    assert patched(known, READ_ONLY_IN_PATCH, "Group", [operation]) == ([operation], [])
