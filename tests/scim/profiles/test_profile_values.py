"""Values in the forms that identity providers give them, in resources and in operations."""

from typing import Any

import pytest

from scim.profiles import KnownAttributes, Profile, RawRequest, Rule, normalize
from scim.profiles.rules.values import (
    BOOLEAN_STRINGS,
    EMPTY_VALUES,
    NULL_ENTRIES,
    SINGLE_ENTRIES,
)

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def changed(
    known: KnownAttributes, rule: Rule, body: Any, resource_type: str = "User"
) -> tuple[Any, list[str]]:
    """Return what the rule makes of a whole resource, or of an operation, and where."""
    patch = isinstance(body, dict) and "op" in body
    profile = Profile(name="one", title="One rule", rules=(rule,), steps=())
    request = RawRequest(
        kind="patch" if patch else "create",
        resource_type=resource_type,
        body={"Operations": [body]} if patch else body,
        query={},
    )
    normalized = normalize(profile, request, known)
    assert isinstance(normalized.body, dict)
    new: Any = normalized.body["Operations"] if patch else normalized.body
    places = [firing.where.removeprefix("Operations[0].") for firing in normalized.firings]
    return new[0] if patch and len(new) == 1 else new, places


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ({"active": "False"}, {"active": False}, ["active"]),
        ({"Active": "TRUE"}, {"Active": True}, ["Active"]),
        (
            {"emails": [{"value": "True", "primary": "True"}, {"value": "b"}]},
            {"emails": [{"value": "True", "primary": True}, {"value": "b"}]},
            ["emails[0].primary"],
        ),
        (
            {"op": "replace", "path": "active", "value": "False"},
            {"op": "replace", "path": "active", "value": False},
            ["value"],
        ),
        (
            {"op": "replace", "value": {"active": "False"}},
            {"op": "replace", "value": {"active": False}},
            ["value.active"],
        ),
        (
            {"op": "add", "path": 'emails[type eq "work"]', "value": {"primary": "True"}},
            {"op": "add", "path": 'emails[type eq "work"]', "value": {"primary": True}},
            ["value.primary"],
        ),
        (
            {"op": "add", "path": 'emails[type eq "work"].primary', "value": "true"},
            {"op": "add", "path": 'emails[type eq "work"].primary', "value": True},
            ["value"],
        ),
    ],
)
def test_booleans_written_as_strings_are_read(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert changed(known, BOOLEAN_STRINGS, before) == (after, places)


@pytest.mark.parametrize(
    "body",
    [
        {"title": "True", "active": True},
        {"active": "yes"},
        {"active": None},
        {"emails": "True"},
        {"emails": [None, "True"]},
        {"op": "replace", "path": "title", "value": "False"},
        {"op": "replace", "path": "password", "value": "True"},
        {"op": "replace", "path": "nonsense", "value": "True"},
    ],
)
def test_strings_stay_strings_where_no_boolean_is_expected(
    known: KnownAttributes, body: Any
) -> None:
    assert changed(known, BOOLEAN_STRINGS, body) == (body, [])


@pytest.mark.parametrize(
    ("resource_type", "before", "after", "places"),
    [
        (
            "User",
            {"emails": {"value": "ada@example.com", "primary": True}},
            {"emails": [{"value": "ada@example.com", "primary": True}]},
            ["emails"],
        ),
        (
            "Group",
            {"op": "add", "path": "members", "value": {"value": "u1"}},
            {"op": "add", "path": "members", "value": [{"value": "u1"}]},
            ["value"],
        ),
        (
            "Group",
            {"op": "add", "value": {"Members": {"value": "u1"}}},
            {"op": "add", "value": {"Members": [{"value": "u1"}]}},
            ["value.Members"],
        ),
    ],
)
def test_a_single_object_is_a_list_of_one_where_a_list_is_expected(
    known: KnownAttributes, resource_type: str, before: Any, after: Any, places: list[str]
) -> None:
    assert changed(known, SINGLE_ENTRIES, before, resource_type) == (after, places)


@pytest.mark.parametrize(
    "body",
    [
        {"emails": [{"value": "ada@example.com"}], "name": {"givenName": "Ada"}},
        {"emails": "ada@example.com"},
        {"schemas": {"a": 1}},
        {"op": "replace", "path": 'emails[type eq "work"]', "value": {"value": "a"}},
        {"op": "replace", "path": "name", "value": {"givenName": "Ada"}},
    ],
)
def test_an_object_stays_one_where_one_is_expected(known: KnownAttributes, body: Any) -> None:
    assert changed(known, SINGLE_ENTRIES, body) == (body, [])


def test_null_is_left_out_of_a_list_but_stands_for_a_missing_list(known: KnownAttributes) -> None:
    body = {"addresses": None, "emails": [None, {"value": "a", "type": None}, None]}

    assert changed(known, NULL_ENTRIES, body) == (
        {"addresses": None, "emails": [{"value": "a", "type": None}]},
        ["emails[0]", "emails[2]"],
    )


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (
            {"op": "Replace", "path": "title", "value": ""},
            {"op": "remove", "path": "title"},
            ["value"],
        ),
        (
            {"op": "add", "path": 'emails[type eq "work"].value', "value": ""},
            {"op": "remove", "path": 'emails[type eq "work"].value'},
            ["value"],
        ),
        (
            {"op": "add", "path": "title", "value": None},
            {"op": "remove", "path": "title"},
            ["value"],
        ),
        (
            {"op": "replace", "value": {"title": "", "nickName": "Ada"}},
            [
                {"op": "replace", "value": {"nickName": "Ada"}},
                {"op": "remove", "path": "title"},
            ],
            ["value.title"],
        ),
        (
            {"op": "replace", "value": {"title": ""}},
            {"op": "remove", "path": "title"},
            ["value.title"],
        ),
    ],
)
def test_what_is_set_to_nothing_is_removed(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert changed(known, EMPTY_VALUES, before) == (after, places)


@pytest.mark.parametrize(
    "body",
    [
        {"title": "", "emails": []},
        {"op": "replace", "path": "password", "value": ""},
        {"op": "replace", "value": {"password": ""}},
        {"op": "replace", "path": "active", "value": ""},
        {"op": "replace", "path": "emails", "value": ""},
        {"op": "replace", "path": "title", "value": None},
        {"op": "add", "value": {"title": None}},
        {"op": "add", "path": "password", "value": None},
        {"op": "replace", "path": f"{ENTERPRISE}:shoeSize", "value": ""},
        {"op": "remove", "path": "title", "value": ""},
    ],
)
def test_empty_values_are_left_where_they_do_not_clear_anything(
    known: KnownAttributes, body: Any
) -> None:
    assert changed(known, EMPTY_VALUES, body) == (body, [])
