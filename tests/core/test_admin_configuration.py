"""Configuration values, event types and people in the admin."""

import pytest
from django.test import Client

from core.models import AuditEntry, ConfigValue, EventType, Tenant, User
from tests.makers import make_config_value, make_event_type
from tests.staff import PASSWORD, errors_of, page_of, text_of


def test_value_goes_in_and_never_comes_out(acme_staff: Client, tenant: Tenant) -> None:
    acme_staff.post(page_of(ConfigValue, "add"), {"name": "api_key", "value": "  s3cret "})
    row = ConfigValue.objects.get(tenant=tenant)

    page = text_of(acme_staff.get(page_of(ConfigValue, "change", row.pk)))

    assert row.value == "  s3cret "
    assert "s3cret" not in page


def test_empty_value_keeps_the_stored_one(acme_staff: Client, tenant: Tenant) -> None:
    row = make_config_value(tenant)

    acme_staff.post(
        page_of(ConfigValue, "change", row.pk), {"value": "", "description": "For the shop"}
    )

    row.refresh_from_db()
    assert (row.value, row.description) == ("a secret value", "For the shop")


def test_typed_value_replaces_the_stored_one(acme_staff: Client, tenant: Tenant) -> None:
    row = make_config_value(tenant)

    acme_staff.post(page_of(ConfigValue, "change", row.pk), {"value": "another"})

    row.refresh_from_db()
    assert row.value == "another"
    assert (
        AuditEntry.objects.filter(action="config_value.replaced", actor_kind="staff").count() == 1
    )


def test_name_that_is_taken_is_refused_with_a_sentence(acme_staff: Client, tenant: Tenant) -> None:
    make_config_value(tenant)

    answer = acme_staff.post(page_of(ConfigValue, "add"), {"name": "api_key", "value": "x"})

    assert list(errors_of(answer)) == ["__all__"]
    assert ConfigValue.objects.get().value == "a secret value"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "shipped"}, "name"),
        ({"name": "webhook.done"}, "name"),
        ({"schema": '{"type": "thing"}'}, "schema"),
        ({"schema": "{"}, "schema"),
        ({"schema": "[]"}, "schema"),
        (
            {"schema": '{"type": "object", "required": ["order"]}', "example": '{"number": 1}'},
            "example",
        ),
    ],
)
def test_event_type_that_cannot_be_is_refused_at_its_field(
    acme_staff: Client, given: dict[str, str], field: str
) -> None:
    answer = acme_staff.post(page_of(EventType, "add"), {"name": "parcel.lost", **given})

    assert list(errors_of(answer)) == [field]
    assert EventType.objects.count() == 0


def test_event_type_is_changed_through_its_form(acme_staff: Client, tenant: Tenant) -> None:
    row = make_event_type(tenant)

    acme_staff.post(
        page_of(EventType, "change", row.pk),
        {"description": "On its way", "schema": '{"type": "object"}', "example": ""},
    )

    row.refresh_from_db()
    assert (row.name, row.description, row.schema) == (
        "parcel.dispatched",
        "On its way",
        {"type": "object"},
    )


def test_new_staff_of_a_tenant_get_the_usual_rights(operator: Client, tenant: Tenant) -> None:
    operator.post(
        page_of(User, "add"),
        {
            "username": "ida",
            "tenant": tenant.pk,
            "is_staff": "on",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    person = User.objects.get(username="ida")
    assert [group.name for group in person.groups.all()] == ["Tenant staff"]
    assert AuditEntry.objects.filter(action="staff.created", target_id=person.pk).count() == 1


def test_superuser_of_a_tenant_is_refused_with_a_sentence(operator: Client, tenant: Tenant) -> None:
    person = User.objects.create_user("ida", password=PASSWORD, tenant=tenant)

    answer = operator.post(
        page_of(User, "change", person.pk),
        {"username": "ida", "tenant": tenant.pk, "is_superuser": "on"},
    )

    assert list(errors_of(answer)) == ["__all__"]
    person.refresh_from_db()
    assert person.is_superuser is False


def test_tenant_is_switched_off_but_never_deleted(operator: Client, tenant: Tenant) -> None:
    deleted = operator.post(page_of(Tenant, "delete", tenant.pk), {"post": "yes"})
    operator.post(page_of(Tenant, "change", tenant.pk), {"name": "Acme", "retention_days": 90})

    tenant.refresh_from_db()
    assert (deleted.status_code, tenant.active) == (403, False)
    assert AuditEntry.objects.get(action="tenant.updated").details == {"fields": ["active"]}


def test_guessing_a_password_is_stopped_after_ten_attempts(operator: Client) -> None:
    answers = [
        Client().post(
            "/admin/login/", {"username": "operator@example.com", "password": f"guess {number}"}
        )
        for number in range(11)
    ]

    codes = [answer.context["form"].errors.as_data()["__all__"][0].code for answer in answers]
    assert codes == ["invalid_login"] * 10 + ["too_many"]
