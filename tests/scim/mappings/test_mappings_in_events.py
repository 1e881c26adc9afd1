"""What the mapping in force makes of users in events, in the catalog and in the log."""

from typing import Any

import pytest

from core.event_types import find
from core.models import Event, Tenant
from core.validation import compile_schema
from scim import services
from scim.models import Mapping, ProvisioningEntry
from tests.makers import make_actor
from tests.scim.asking import BULK, ENTERPRISE, USER, Asker, adding, opened, setting

pytestmark = pytest.mark.django_db

FIELDS: list[Any] = [
    {"field": "full_name", "expression": "concat(name.givenName, ' ', name.familyName)"},
    {"field": "cost_center", "path": "enterprise.costCenter", "type": "integer"},
]
NAME = {"givenName": "Ann", "familyName": "Ames"}


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def save(tenant: Tenant, fields: list[Any] = FIELDS) -> Mapping:
    return services.save_mapping(tenant, fields, actor=make_actor())


def latest(tenant: Tenant) -> Any:
    return Event.objects.for_tenant(tenant).latest("id")


def test_new_version_is_in_force_for_the_next_request(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann", name=NAME, title="Driver")["id"]
    before = latest(tenant).data

    save(tenant)
    ask.patch(f"/Users/{user}", setting("name.givenName", "Anna"))

    plain = {"id": user, "user_name": "ann", "active": True}
    assert before == {**plain, "title": "Driver", "given_name": "Ann", "family_name": "Ames"}
    assert latest(tenant).data == {
        **plain,
        "full_name": "Anna Ames",
        "changes": {"full_name": {"old": "Ann Ames", "new": "Anna Ames"}},
    }


def test_mapping_of_one_tenant_is_none_of_another(
    tenant: Tenant, stranger: Tenant, ask: Asker
) -> None:
    save(tenant)
    other = opened(stranger)

    other.user("ann", title="Driver")

    assert latest(stranger).data["title"] == "Driver"


def test_members_in_events_have_the_fields_of_the_mapping(tenant: Tenant, ask: Asker) -> None:
    save(tenant)
    user = ask.user("ann", name=NAME)["id"]
    group = ask.group("Drivers")["id"]

    ask.patch(f"/Groups/{group}", adding(user))

    assert latest(tenant).data["user"]["full_name"] == "Ann Ames"


def test_field_that_cannot_be_made_sinks_nothing_and_stands_in_the_log(
    tenant: Tenant, ask: Asker
) -> None:
    save(tenant)

    user = ask.user(
        "ann", name=NAME, **{"schemas": [USER, ENTERPRISE], ENTERPRISE: {"costCenter": "K7"}}
    )

    entry = ProvisioningEntry.objects.for_tenant(tenant).latest("id")
    assert latest(tenant).data == {
        "id": user["id"],
        "user_name": "ann",
        "full_name": "Ann Ames",
        "active": True,
    }
    assert entry.rules == [
        {
            "rule": "attribute-mapping",
            "where": "cost_center: needs a text that is a number, such as 12.50",
        }
    ]
    assert user[ENTERPRISE] == {"costCenter": "K7"}


def test_problem_of_one_operation_is_not_told_of_the_next(tenant: Tenant, ask: Asker) -> None:
    save(tenant)
    bad = {"schemas": [USER, ENTERPRISE], "userName": "ann", ENTERPRISE: {"costCenter": "K7"}}
    good = {"schemas": [USER], "userName": "bob"}
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": str(number), "data": body}
        for number, body in enumerate((bad, good))
    ]

    ask("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})

    entries = ProvisioningEntry.objects.for_tenant(tenant).order_by("id")
    assert [(entry.target_label, len(entry.rules)) for entry in entries] == [("ann", 1), ("bob", 0)]


def test_version_that_can_no_longer_be_followed_costs_its_field_alone(
    tenant: Tenant, ask: Asker
) -> None:
    fields = [{"field": "a", "expression": "gone(userName)"}, {"field": "b", "path": "title"}]
    Mapping.objects.create(tenant=tenant, version=1, fields=fields, author="an older release")

    ask.user("ann", title="Driver")

    entry = ProvisioningEntry.objects.for_tenant(tenant).latest("id")
    assert latest(tenant).data["b"] == "Driver"
    assert entry.rules == [
        {
            "rule": "attribute-mapping",
            "where": "a: the rule cannot be followed: there is no function gone()",
        }
    ]


def test_catalog_tells_of_the_fields_in_force_with_their_types(tenant: Tenant, ask: Asker) -> None:
    built_in: Any = find(tenant, "user.created")
    save(tenant)

    info: Any = find(tenant, "user.updated")

    assert built_in.example == {
        "id": "scm_01kb2v8x5fq3t9w6y4n7m0r2c1",
        "user_name": "ann@example.com",
        "external_id": "00u1f3z9",
        "display_name": "Ann Ames",
        "given_name": "Ann",
        "family_name": "Ames",
        "email": "ann@example.com",
        "department": "Logistics",
        "active": True,
    }
    assert list(info.schema["properties"]) == [
        "id",
        "user_name",
        "full_name",
        "cost_center",
        "active",
        "changes",
    ]
    assert info.schema["properties"]["cost_center"] == {"type": "integer"}
    assert info.example["full_name"] == "Ann Ames"
    assert compile_schema(info.schema).check(info.example) == ()
