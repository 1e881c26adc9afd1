"""Attributes that no schema has: dropped where the profile says so, and never without a word."""

from typing import Any

import pytest

from scim.profiles import PROFILES, Firing, KnownAttributes, Profile, RawRequest, normalize
from scim.profiles.normalizing import MAX_PLACES
from scim.profiles.rules.unknown import IGNORE_UNKNOWN
from scim.profiles.types import Kind

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PROFILE = Profile(name="one", title="One rule", rules=(IGNORE_UNKNOWN,), steps=())


def left(known: KnownAttributes, kind: Kind, body: Any) -> tuple[Any, list[str]]:
    request = RawRequest(kind=kind, resource_type="User", body=body, query={})
    normalized = normalize(PROFILE, request, known)
    return normalized.body, [firing.where for firing in normalized.firings]


def test_unknown_attributes_of_a_resource_are_dropped_at_every_level(
    known: KnownAttributes,
) -> None:
    body = {
        "schemas": [],
        "externalId": "e",
        "meta": {"resourceType": "User", "made": "up"},
        "userName": "ada",
        "shoeSize": 38,
        "urn:example:2.0:User": {"a": 1},
        "NAME": {"givenName": "Ada", "petName": "A"},
        "emails": [{"value": "a", "shown": True}, {"value": "b"}],
        ENTERPRISE: {"department": "Engines", "floor": 3, "manager": {"value": "m", "x": 1}},
    }

    assert left(known, "create", body) == (
        {
            "schemas": [],
            "externalId": "e",
            "meta": {"resourceType": "User"},
            "userName": "ada",
            "NAME": {"givenName": "Ada"},
            "emails": [{"value": "a"}, {"value": "b"}],
            ENTERPRISE: {"department": "Engines", "manager": {"value": "m"}},
        },
        [
            "meta.made",
            "shoeSize",
            "urn:example:2.0:User",
            "NAME.petName",
            "emails[0].shown",
            f"{ENTERPRISE}.floor",
            f"{ENTERPRISE}.manager.x",
        ],
    )


def test_operations_on_unknown_attributes_are_dropped(known: KnownAttributes) -> None:
    operations = [
        {"op": "add", "path": "shoeSize", "value": 38},
        {"op": "add", "path": "title", "value": "Engineer"},
        {"op": "remove", "path": "urn:example:2.0:User:floor"},
        {"op": "replace", "value": {"nickName": "Ada", "shoeSize": 38}},
        {"op": "add", "path": 'emails[type eq "work"].shown', "value": True},
        {"op": "add", "path": "emails", "value": [{"value": "a", "shown": True}]},
    ]

    body, places = left(known, "patch", {"Operations": operations})

    assert body == {
        "Operations": [
            {"op": "add", "path": "title", "value": "Engineer"},
            {"op": "replace", "value": {"nickName": "Ada"}},
            {"op": "add", "path": "emails", "value": [{"value": "a"}]},
        ]
    }
    assert places == [
        "Operations[0].path",
        "Operations[2].path",
        "Operations[3].value.shoeSize",
        "Operations[4].path",
        "Operations[5].value[0].shown",
    ]


def test_a_patch_of_nothing_but_unknown_attributes_changes_nothing(
    known: KnownAttributes,
) -> None:
    body, places = left(
        known, "patch", {"Operations": [{"op": "add", "path": "shoeSize", "value": 38}]}
    )

    assert body == {"Operations": [{"op": "replace", "value": {}}]}
    assert places == ["Operations[0].path"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": 'emails[type eq "work', "value": "a"},
        {"op": "add", "path": "two words", "value": "a"},
        {"op": "add", "path": 7, "value": "a"},
        {"op": "increment", "path": "shoeSize", "value": 1},
        {"op": "add", "path": 'emails[shown eq "a"].value', "value": "a"},
        {"op": "replace", "value": {"two words": 1}},
        {"op": "remove"},
        "remove",
    ],
)
def test_what_makes_no_sense_is_left_for_the_core_to_refuse(
    known: KnownAttributes, operation: Any
) -> None:
    body = {"Operations": [operation]}

    assert left(known, "patch", body) == (body, [])


def test_a_filter_on_an_unknown_attribute_is_never_touched(known: KnownAttributes) -> None:
    query = {"filter": 'shoeSize eq "38" and userName ew "@example.com"'}

    for profile in PROFILES.values():
        request = RawRequest(kind="query", resource_type="User", body=None, query=query)
        normalized = normalize(profile, request, known)

        assert normalized.query == query
        assert normalized.firings == ()


def test_of_many_places_the_first_are_named_and_the_others_counted(
    known: KnownAttributes,
) -> None:
    body: Any = {"members": [{"value": f"u{number}", "shown": True} for number in range(10_000)]}
    request = RawRequest(kind="create", resource_type="Group", body=body, query={})

    normalized = normalize(PROFILE, request, known)

    assert len(normalized.firings) == MAX_PLACES + 1
    assert normalized.firings[MAX_PLACES - 1] == Firing(
        rule="unknown-attributes", where="members[19].shown"
    )
    assert normalized.firings[MAX_PLACES] == Firing(
        rule="unknown-attributes", where="and 9980 more places"
    )
