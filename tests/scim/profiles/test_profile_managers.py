"""The manager of a user in every form that is known to be sent."""

from typing import Any

import pytest

from scim.profiles import KnownAttributes, Profile, RawRequest, normalize
from scim.profiles.rules.managers import MANAGER_PATH, MANAGER_VALUE

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATH = f"{ENTERPRISE}:manager"
PROFILE = Profile(
    name="managers", title="Managers only", rules=(MANAGER_PATH, MANAGER_VALUE), steps=()
)


def patched(known: KnownAttributes, operation: Any) -> tuple[Any, list[str]]:
    body = {"Operations": [operation]}
    request = RawRequest(kind="patch", resource_type="User", body=body, query={})
    normalized = normalize(PROFILE, request, known)
    assert isinstance(normalized.body, dict)
    (new,) = normalized.body["Operations"]
    return new, [f"{firing.rule} {firing.where}" for firing in normalized.firings]


def replaced(known: KnownAttributes, body: Any) -> tuple[Any, list[str]]:
    request = RawRequest(kind="replace", resource_type="User", body=body, query={})
    normalized = normalize(PROFILE, request, known)
    return normalized.body, [f"{firing.rule} {firing.where}" for firing in normalized.firings]


@pytest.mark.parametrize("path", [PATH, PATH.upper()])
@pytest.mark.parametrize(
    "value",
    ["m1", ["m1"], [{"$ref": "../Users/m1", "value": "m1"}]],
)
def test_a_manager_in_another_form_is_written_as_an_object(
    known: KnownAttributes, path: str, value: Any
) -> None:
    new, places = patched(known, {"op": "add", "path": path, "value": value})

    assert new["op"] == "add"
    assert new["path"] == path
    assert new["value"]["value"] == "m1"
    assert places == ["manager-value Operations[0].value"]


@pytest.mark.parametrize("value", ["", [], [""], {"value": ""}])
def test_an_empty_manager_is_removed(known: KnownAttributes, value: Any) -> None:
    new, places = patched(known, {"op": "replace", "path": PATH, "value": value})

    assert new == {"op": "remove", "path": PATH}
    assert places == ["manager-value Operations[0].value"]


def test_a_removal_of_the_manager_needs_no_value(known: KnownAttributes) -> None:
    new, places = patched(known, {"op": "remove", "path": PATH, "value": ""})

    assert new == {"op": "remove", "path": PATH}
    assert places == ["manager-value Operations[0].value"]


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (
            {"op": "add", "path": "manager", "value": "m1"},
            {"op": "add", "path": PATH, "value": {"value": "m1"}},
            ["manager-path Operations[0].path", "manager-value Operations[0].value"],
        ),
        (
            {"op": "replace", "path": "Manager.value", "value": "m1"},
            {"op": "replace", "path": f"{ENTERPRISE}:Manager.value", "value": "m1"},
            ["manager-path Operations[0].path"],
        ),
        (
            {"op": "replace", "value": {"manager": {"value": "m1"}}},
            {"op": "replace", "value": {PATH: {"value": "m1"}}},
            ["manager-path Operations[0].value.manager"],
        ),
        (
            {"op": "replace", "value": {ENTERPRISE: {"manager": "m1", "division": "A"}}},
            {"op": "replace", "value": {ENTERPRISE: {"manager": {"value": "m1"}, "division": "A"}}},
            [f"manager-value Operations[0].value.{ENTERPRISE}.manager"],
        ),
        (
            {"op": "replace", "path": ENTERPRISE, "value": {"manager": ""}},
            {"op": "replace", "path": ENTERPRISE, "value": {"manager": None}},
            ["manager-value Operations[0].value.manager"],
        ),
    ],
)
def test_the_manager_of_an_operation_is_found_and_put_right(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert patched(known, before) == (after, places)


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (
            {"manager": "m1", "title": "Engineer"},
            {"title": "Engineer", ENTERPRISE: {"manager": {"value": "m1"}}},
            ["manager-path manager", f"manager-value {ENTERPRISE}.manager"],
        ),
        (
            {ENTERPRISE: {"manager": {"value": "", "displayName": " "}}},
            {ENTERPRISE: {"manager": None}},
            [f"manager-value {ENTERPRISE}.manager"],
        ),
        (
            {ENTERPRISE: {"manager": ""}},
            {ENTERPRISE: {"manager": None}},
            [f"manager-value {ENTERPRISE}.manager"],
        ),
    ],
)
def test_the_manager_of_a_resource_is_found_and_put_right(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert replaced(known, before) == (after, places)


@pytest.mark.parametrize(
    "body",
    [
        {ENTERPRISE: {"manager": {"value": "m1", "$ref": "../Users/m1"}}},
        {ENTERPRISE: {"manager": None}},
        {ENTERPRISE: {"manager": ["m1", "m2"]}},
        {ENTERPRISE: {"manager": {"value": "m1"}}, "manager": "m2"},
        {ENTERPRISE: "m1", "manager": "m2"},
    ],
)
def test_a_manager_in_order_or_beyond_understanding_is_left(
    known: KnownAttributes, body: Any
) -> None:
    assert replaced(known, body) == (body, [])


def test_nothing_to_replace_the_manager_with_is_a_conforming_removal(
    known: KnownAttributes,
) -> None:
    operation = {"op": "replace", "path": PATH, "value": None}

    assert patched(known, operation) == (operation, [])
