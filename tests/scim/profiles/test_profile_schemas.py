"""The list of schemas, and schemas of the past."""

from typing import Any

import pytest

from scim.profiles import KnownAttributes, Profile, RawRequest, Rule, normalize
from scim.profiles.rules.schemas import OLD_SCHEMAS, SCHEMAS_LIST, UNKNOWN_SCHEMAS
from scim.profiles.types import Kind

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OLD = "urn:scim:schemas:core:1.0"
OLD_ENTERPRISE = "urn:scim:schemas:extension:enterprise:1.0"
MICROSOFT = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


def listed(
    known: KnownAttributes, rule: Rule, body: Any, kind: Kind = "create", type_: str = "User"
) -> tuple[Any, list[str]]:
    profile = Profile(name="one", title="One rule", rules=(rule,), steps=())
    request = RawRequest(kind=kind, resource_type=type_, body=body, query={})
    normalized = normalize(profile, request, known)
    return normalized.body, [firing.where for firing in normalized.firings]


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ({"schemas": None}, {"schemas": []}, ["schemas"]),
        ({"Schemas": USER}, {"Schemas": [USER]}, ["Schemas"]),
        ({"schemas": ""}, {"schemas": []}, ["schemas"]),
        ({"schemas": []}, {"schemas": []}, []),
        ({"schemas": [USER]}, {"schemas": [USER]}, []),
        ({"schemas": {}}, {"schemas": {}}, []),
        ({"userName": "ada"}, {"userName": "ada"}, []),
    ],
)
def test_schemas_become_a_list(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert listed(known, SCHEMAS_LIST, before) == (after, places)


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ({"schemas": [OLD]}, {"schemas": [USER]}, ["schemas[0]"]),
        ({"schemas": [USER, OLD]}, {"schemas": [USER]}, ["schemas[1]"]),
        ({"schemas": [OLD, OLD, 7]}, {"schemas": [USER, 7]}, ["schemas[0]", "schemas[1]"]),
        (
            {"schemas": [OLD, OLD_ENTERPRISE], OLD_ENTERPRISE: {"department": "Engines"}},
            {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"department": "Engines"}},
            ["schemas[0]", "schemas[1]", OLD_ENTERPRISE],
        ),
        ({"schemas": [USER, ENTERPRISE]}, {"schemas": [USER, ENTERPRISE]}, []),
    ],
)
def test_schemas_of_the_first_version_are_read_as_those_of_the_second(
    known: KnownAttributes, before: Any, after: Any, places: list[str]
) -> None:
    assert listed(known, OLD_SCHEMAS, before) == (after, places)


def test_a_group_of_the_first_version_is_a_group(known: KnownAttributes) -> None:
    assert listed(known, OLD_SCHEMAS, {"schemas": [OLD]}, type_="Group") == (
        {"schemas": [GROUP]},
        ["schemas[0]"],
    )


@pytest.mark.parametrize(
    ("request_of", "before", "after", "places"),
    [
        (("create", "Group"), [GROUP, MICROSOFT], [GROUP], ["schemas[1]"]),
        (("replace", "User"), [USER, ENTERPRISE, "urn:a:b"], [USER, ENTERPRISE], ["schemas[2]"]),
        (("create", "User"), [USER.upper(), ENTERPRISE], [USER.upper(), ENTERPRISE], []),
        (("create", "User"), [USER, 7], [USER, 7], []),
        (("patch", "User"), [USER], [], ["schemas[0]"]),
        (("patch", "User"), [PATCH], [PATCH], []),
        (("search", "User"), ["urn:a:b"], ["urn:a:b"], []),
    ],
)
def test_schemas_that_nobody_knows_are_left_out(
    known: KnownAttributes,
    request_of: tuple[Kind, str],
    before: list[Any],
    after: list[Any],
    places: list[str],
) -> None:
    new, found = listed(known, UNKNOWN_SCHEMAS, {"schemas": before}, *request_of)

    assert new == {"schemas": after}
    assert found == places
