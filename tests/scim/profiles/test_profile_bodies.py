"""Bodies as identity providers send them, through a whole profile and into the strict core."""

from collections.abc import Callable
from typing import Any

import pytest
from scim2_models import Context, PatchOp

from scim.profiles import PROFILES, KnownAttributes, RawRequest, normalize
from scim.schemas.service import service

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MICROSOFT = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
ADA = {"schemas": [USER], "id": "u1", "userName": "ada"}

Patched = Callable[[str, list[Any]], tuple[dict[str, Any], list[str]]]


@pytest.fixture
def patched(known: KnownAttributes) -> Patched:
    """Apply operations to Ada through a profile and the core; return her and the rules fired."""

    def apply(name: str, operations: list[Any]) -> tuple[dict[str, Any], list[str]]:
        profile = PROFILES[name]
        body: Any = {"schemas": [PATCH], "Operations": operations}
        request = RawRequest(kind="patch", resource_type="User", body=body, query={})
        normalized = normalize(profile, request, known)
        with service("", creates_entries=profile.creates_missing_entries).provider as provider:
            model: Any = provider.model_for("User")
            ada = model.model_validate(ADA)
            patch = PatchOp[model].model_validate(
                normalized.body, scim_ctx=Context.RESOURCE_PATCH_REQUEST
            )
            patch.patch(ada)
            state = ada.model_dump()
        return state, sorted({firing.rule for firing in normalized.firings})

    return apply


def created(known: KnownAttributes, name: str, type_: str, body: Any) -> tuple[Any, list[str]]:
    """Return a new resource as the core reads it after the profile, and the rules fired."""
    request = RawRequest(kind="create", resource_type=type_, body=body, query={})
    normalized = normalize(PROFILES[name], request, known)
    with service("", creates_entries=False).provider as provider:
        model: Any = provider.model_for(type_)
        resource = model.model_validate(normalized.body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        state = resource.model_dump()
    return state, sorted({firing.rule for firing in normalized.firings})


def test_entra_without_the_flag_is_understood(patched: Patched) -> None:
    state, rules = patched(
        "entra",
        [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": 'emails[type eq "work"].value', "value": "ada@example.com"},
            {"op": "Add", "path": 'addresses[type eq "work"].country', "value": "UK"},
            {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "London"},
            {"op": "Add", "path": 'roles[primary eq "True"].value', "value": "Engineer"},
            {"op": "Add", "path": "name.givenName", "value": "Ada"},
            {"op": "Add", "path": f"{ENTERPRISE}:employeeNumber", "value": "7"},
            {"op": "Add", "path": f"{ENTERPRISE}:department", "value": ""},
        ],
    )

    assert state == {
        **ADA,
        "schemas": [USER, ENTERPRISE],
        "active": False,
        "emails": [{"type": "work", "value": "ada@example.com"}],
        "addresses": [{"type": "work", "country": "UK", "locality": "London"}],
        "roles": [{"primary": True, "value": "Engineer"}],
        "name": {"givenName": "Ada"},
        ENTERPRISE: {"employeeNumber": "7"},
    }
    assert rules == ["boolean-strings", "empty-values", "filter-booleans", "operation-case"]


def test_entra_with_the_flag_is_understood(patched: Patched) -> None:
    state, rules = patched(
        "entra",
        [
            {"op": "replace", "path": "active", "value": False},
            {"op": "add", "path": 'emails[type eq "work"].value', "value": "ada@example.com"},
            {
                "op": "replace",
                "value": {
                    "displayName": "Ada",
                    "name.givenName": "Ada",
                    "name.familyName": "Lovelace",
                    f"{ENTERPRISE}:employeeNumber": "7",
                },
            },
        ],
    )

    assert state == {
        **ADA,
        "schemas": [USER, ENTERPRISE],
        "active": False,
        "displayName": "Ada",
        "emails": [{"type": "work", "value": "ada@example.com"}],
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        ENTERPRISE: {"employeeNumber": "7"},
    }
    assert rules == ["path-keys"]


def test_users_and_groups_of_entra_can_be_created(known: KnownAttributes) -> None:
    user, user_rules = created(
        known,
        "entra",
        "User",
        {
            "schemas": [USER, ENTERPRISE],
            "userName": "ada",
            "active": True,
            "addresses": None,
            "roles": [],
            "meta": {"resourceType": "User"},
        },
    )
    group, group_rules = created(
        known, "entra", "Group", {"schemas": [GROUP, MICROSOFT], "displayName": "Engines"}
    )

    assert user == {"schemas": [USER], "userName": "ada", "active": True}
    assert user_rules == []
    assert group == {"schemas": [GROUP], "displayName": "Engines"}
    assert group_rules == ["unknown-schemas"]


@pytest.mark.parametrize("name", ["entra", "jumpcloud"])
def test_a_listed_member_is_removed_and_no_other(known: KnownAttributes, name: str) -> None:
    operation = {"op": "Remove", "path": "members", "value": [{"value": "u1", "$ref": None}]}
    body: Any = {"schemas": [PATCH], "Operations": [operation]}
    request = RawRequest(kind="patch", resource_type="Group", body=body, query={})

    normalized = normalize(PROFILES[name], request, known)

    assert normalized.body == {
        "schemas": [PATCH],
        "Operations": [{"op": "remove", "path": 'members[value eq "u1"]'}],
    }
    assert [firing.rule for firing in normalized.firings] == ["operation-case", "listed-members"]


def test_users_of_okta_can_be_created_and_deactivated(
    known: KnownAttributes, patched: Patched
) -> None:
    body = {
        "schemas": [USER],
        "userName": "ada",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": True, "value": "ada@example.com", "type": "work"}],
        "displayName": "Ada Lovelace",
        "locale": "en-US",
        "externalId": "00u1",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }

    user, created_rules = created(known, "okta", "User", body)
    state, patched_rules = patched("okta", [{"op": "replace", "value": {"active": False}}])

    assert user == {key: value for key, value in body.items() if key != "groups"}
    assert created_rules == []
    assert state == {**ADA, "active": False}
    assert patched_rules == []


def test_the_template_of_onelogin_is_understood(known: KnownAttributes) -> None:
    user, rules = created(
        known,
        "onelogin",
        "User",
        {
            "schemas": ["urn:scim:schemas:core:1.0"],
            "userName": "ada",
            "emails": {"value": "ada@example.com", "primary": True},
            "costume": "none",
            ENTERPRISE: {"department": "Engines", "manager": {"value": "", "displayName": " "}},
        },
    )

    assert user == {
        "schemas": [USER, ENTERPRISE],
        "userName": "ada",
        "emails": [{"value": "ada@example.com", "primary": True}],
        ENTERPRISE: {"department": "Engines"},
    }
    assert rules == ["manager-value", "old-schemas", "single-entries", "unknown-attributes"]


def test_each_operation_of_a_bulk_request_is_put_right(known: KnownAttributes) -> None:
    operations: list[Any] = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"active": "True"}},
        {"method": "DELETE", "path": "/Users/u1"},
        {
            "method": "PATCH",
            "path": "/Groups/g1",
            "data": {
                "Operations": [{"op": "Remove", "path": "members", "value": [{"value": "u1"}]}]
            },
        },
        {"method": "POST", "path": "/Devices", "data": {"active": "True"}},
        "nonsense",
    ]
    request = RawRequest(kind="bulk", body={"Operations": operations}, query={})

    normalized = normalize(PROFILES["entra"], request, known)

    assert normalized.body == {
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"active": True}},
            {"method": "DELETE", "path": "/Users/u1"},
            {
                "method": "PATCH",
                "path": "/Groups/g1",
                "data": {"Operations": [{"op": "remove", "path": 'members[value eq "u1"]'}]},
            },
            {"method": "POST", "path": "/Devices", "data": {"active": "True"}},
            "nonsense",
        ]
    }
    assert [(firing.rule, firing.where) for firing in normalized.firings] == [
        ("boolean-strings", "Operations[0].data.active"),
        ("operation-case", "Operations[2].data.Operations[0].op"),
        ("listed-members", "Operations[2].data.Operations[0].value"),
    ]


def test_what_was_sent_is_not_altered(known: KnownAttributes) -> None:
    body: Any = {"Operations": [{"op": "Replace", "value": {"active": "False", "shoeSize": 38}}]}
    request = RawRequest(kind="patch", resource_type="User", body=body, query={})

    normalize(PROFILES["entra"], request, known)

    assert body == {"Operations": [{"op": "Replace", "value": {"active": "False", "shoeSize": 38}}]}
