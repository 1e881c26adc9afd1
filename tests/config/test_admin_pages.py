"""What holds for every page of the admin."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from core.models import Tenant
from tests.once import ON_ONE_DATABASE
from tests.staff import CANARY, page_of, registered, rows_of, text_of

# What an operator can add by hand; the rest is written by the product itself.
ADDED_BY_HAND = {
    "auth.group",
    "core.apiclient",
    "core.apikey",
    "core.configvalue",
    "core.eventtype",
    "core.tenant",
    "core.user",
    "django_q.schedule",
    "records.record",
    "records.recordtype",
    "scim.directory",
    "scim.mapping",
    "webhooks.endpoint",
    "webhooks.subscription",
}
# What concerns the whole installation, or people's rights in it.
NOT_FOR_TENANTS = {
    "auth.group",
    "core.eventlog",
    "core.ratebucket",
    "core.tenant",
    "core.user",
    "core.wakeup",
    "django_q.failure",
    "django_q.ormq",
    "django_q.schedule",
    "django_q.success",
    "oauth2_provider.accesstoken",
    "oauth2_provider.grant",
    "oauth2_provider.refreshtoken",
}


def label(model: type[models.Model]) -> str:
    return model._meta.label_lower


def test_every_model_of_ours_has_pages() -> None:
    from django.apps import apps

    ours = {"core", "records", "webhooks", "monitoring"}

    missing = [
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ours and not admin.site.is_registered(model)
    ]

    assert missing == []


@pytest.mark.usefixtures("everything")
def test_operator_opens_every_list(operator: Client) -> None:
    statuses = {
        label(model): operator.get(page_of(model, "changelist"), {"q": "a"}).status_code
        for model in registered()
    }

    assert statuses == dict.fromkeys(statuses, 200)


@pytest.mark.usefixtures("db")
def test_operator_adds_what_is_made_by_hand_and_nothing_else(operator: Client) -> None:
    statuses = {
        label(model): operator.get(page_of(model, "add")).status_code for model in registered()
    }

    assert statuses == {name: 200 if name in ADDED_BY_HAND else 403 for name in statuses}


@pytest.mark.usefixtures("everything")
def test_operator_opens_the_page_and_the_history_of_every_row(
    operator: Client, tenant: Tenant
) -> None:
    statuses = {
        (str(row.pk), page): operator.get(page_of(type(row), page, row.pk)).status_code
        for row in rows_of(tenant)
        for page in ("change", "history")
    }

    assert {row._meta.label_lower for row in rows_of(tenant)} >= ADDED_BY_HAND - {
        "auth.group",
        "core.tenant",
        "core.user",
        "django_q.schedule",
    }
    assert statuses == dict.fromkeys(statuses, 200)


@pytest.mark.usefixtures("everything")
def test_staff_of_a_tenant_open_the_lists_of_what_tenants_own(acme_staff: Client) -> None:
    statuses = {
        label(model): acme_staff.get(page_of(model, "changelist")).status_code
        for model in registered()
    }

    assert statuses == {name: 403 if name in NOT_FOR_TENANTS else 200 for name in statuses}


@pytest.mark.usefixtures("everything")
def test_staff_of_a_tenant_open_the_pages_of_their_rows(acme_staff: Client, tenant: Tenant) -> None:
    statuses = {
        row._meta.label_lower: acme_staff.get(page_of(type(row), "change", row.pk)).status_code
        for row in rows_of(tenant)
    }

    assert statuses == {name: 403 if name in NOT_FOR_TENANTS else 200 for name in statuses}


@ON_ONE_DATABASE
@pytest.mark.usefixtures("everything")
def test_no_page_shows_a_secret(operator: Client, acme_staff: Client, tenant: Tenant) -> None:
    addresses = [page_of(model, "changelist") for model in registered()]
    addresses += [
        page_of(type(row), page, row.pk)
        for row in rows_of(tenant)
        for page in ("change", "history", "delete")
    ]
    for model in registered():
        if model._meta.app_label == "oauth2_provider":
            addresses += [page_of(model, "change", row.pk) for row in model._default_manager.all()]

    telling = [
        address
        for client in (operator, acme_staff)
        for address in addresses
        if CANARY in text_of(client.get(address))
    ]

    assert telling == []


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_no_page_of_another_tenants_row_opens(
    globex_staff: Client, tenant: Tenant, page: str
) -> None:
    answers = {
        (str(row.pk), page): globex_staff.get(page_of(type(row), page, row.pk))
        for row in rows_of(tenant)
    }

    opened = [key for key, answer in answers.items() if answer.status_code not in (302, 403)]
    assert opened == []
    assert {answer["Location"] for answer in answers.values() if answer.status_code == 302} == {
        "/admin/"
    }


@pytest.mark.usefixtures("everything")
def test_no_list_names_another_tenants_row(globex_staff: Client, tenant: Tenant) -> None:
    ids = [str(row.pk) for row in rows_of(tenant)]
    pages = {label(m): text_of(globex_staff.get(page_of(m, "changelist"))) for m in registered()}

    named = [(name, pk) for name, page in pages.items() for pk in ids if pk in page]
    assert named == []


@pytest.mark.usefixtures("everything")
def test_searching_for_another_tenants_id_finds_nothing(
    globex_staff: Client, tenant: Tenant
) -> None:
    found = [
        str(row.pk)
        for row in rows_of(tenant)
        if f"/{row.pk}/"
        in text_of(globex_staff.get(page_of(type(row), "changelist"), {"q": str(row.pk)}))
    ]

    assert found == []


@pytest.mark.usefixtures("everything")
def test_staff_of_a_switched_off_tenant_are_sent_to_the_login_page(
    acme_staff: Client, tenant: Tenant
) -> None:
    tenant.active = False
    tenant.save(update_fields=["active"])

    answer = acme_staff.get("/admin/")

    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/admin/")
