"""Keys and clients made, shown once, replaced and revoked in the admin."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import auth, services
from core.models import ApiClient, ApiKey, AuditEntry, Tenant
from tests.makers import make_actor, make_key_row
from tests.staff import SHOWN_ONCE, errors_of, page_of, shown_secret


def token_answer(client: ApiClient, secret: str) -> Any:
    """Ask for a token as an OAuth client does."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": secret,
    }
    return Client().post(
        "/oauth/token", urlencode(form), content_type="application/x-www-form-urlencoded"
    )


def test_new_key_is_shown_once_and_opens_the_api(acme_staff: Client, tenant: Tenant) -> None:
    answer = acme_staff.post(
        page_of(ApiKey, "add"), {"name": "Shop", "scopes": ["records:read", "events:read"]}
    )
    secret = shown_secret(acme_staff)
    again = acme_staff.get(SHOWN_ONCE)

    assert (answer.status_code, answer["Location"]) == (302, SHOWN_ONCE)
    credential = auth.authenticate(secret, timezone.now())
    assert credential is not None
    assert (credential.tenant, credential.scopes) == (
        tenant,
        frozenset({"records:read", "events:read"}),
    )
    assert (again.status_code, again["Location"]) == (302, "/admin/")


def test_waiting_secret_is_encrypted_in_the_session(acme_staff: Client) -> None:
    acme_staff.post(page_of(ApiKey, "add"), {"name": "Shop", "scopes": ["records:read"]})
    kept = str(acme_staff.session["shown_once"])

    secret = shown_secret(acme_staff)

    assert secret not in kept
    assert "shown_once" not in acme_staff.session


def test_making_a_key_is_audited_without_its_secret(acme_staff: Client, tenant: Tenant) -> None:
    acme_staff.post(page_of(ApiKey, "add"), {"name": "Shop", "scopes": ["records:read"]})
    secret = shown_secret(acme_staff)

    entry = AuditEntry.objects.get(action="api_key.created")

    assert (entry.tenant, entry.actor_kind, entry.actor_label) == (
        tenant,
        "staff",
        "ann@example.com",
    )
    assert secret not in str(entry.details)


def test_scope_that_does_not_exist_is_refused_at_its_field(acme_staff: Client) -> None:
    answer = acme_staff.post(page_of(ApiKey, "add"), {"name": "Shop", "scopes": ["all:all"]})

    assert list(errors_of(answer)) == ["scopes"]
    assert ApiKey.objects.count() == 0


def test_operator_must_choose_a_tenant(operator: Client) -> None:
    answer = operator.post(page_of(ApiKey, "add"), {"name": "Shop", "scopes": ["records:read"]})

    assert list(errors_of(answer)) == ["tenant"]


def test_rotating_asks_first_and_then_shows_the_new_key(acme_staff: Client, tenant: Tenant) -> None:
    key = make_key_row(tenant)
    url = reverse("admin:core_apikey_rotate", args=[key.pk])

    asked = acme_staff.get(url)
    key.refresh_from_db()
    replaced_by_asking = key.replaced_by
    acme_staff.post(url)
    secret = shown_secret(acme_staff)

    key.refresh_from_db()
    assert (asked.status_code, replaced_by_asking) == (200, None)
    assert auth.authenticate(secret, timezone.now()) is not None
    assert key.replaced_by == ApiKey.objects.latest("created_at")


def test_revoked_key_opens_nothing(acme_staff: Client, tenant: Tenant) -> None:
    new = services.create_api_key(tenant, name="Shop", scopes=["records:read"], actor=make_actor())

    acme_staff.post(reverse("admin:core_apikey_revoke", args=[new.key.pk]))

    assert auth.authenticate(new.secret, timezone.now()) is None


def test_key_cannot_be_deleted(operator: Client, tenant: Tenant) -> None:
    key = make_key_row(tenant)

    answer = operator.post(page_of(ApiKey, "delete", key.pk), {"post": "yes"})

    assert (answer.status_code, ApiKey.objects.count()) == (403, 1)


def test_new_client_gets_tokens_with_the_secret_that_was_shown(acme_staff: Client) -> None:
    acme_staff.post(page_of(ApiClient, "add"), {"name": "ERP", "scopes": ["records:read"]})
    secret = shown_secret(acme_staff)

    answer = token_answer(ApiClient.objects.get(), secret)

    assert (answer.status_code, answer.json()["scope"]) == (200, "records:read")


def test_renewed_secret_replaces_the_old_one(acme_staff: Client, tenant: Tenant) -> None:
    new = services.create_api_client(
        tenant, name="ERP", scopes=["records:read"], actor=make_actor()
    )

    acme_staff.post(reverse("admin:core_apiclient_renew_secret", args=[new.client.pk]))
    secret = shown_secret(acme_staff)

    statuses = [token_answer(new.client, each).status_code for each in (new.secret, secret)]
    assert statuses == [401, 200]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"redirect_uris": "http://app.example.com/back"}, "redirect_uris"),
        ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
        ({"public": "on"}, "public"),
    ],
)
def test_client_that_would_be_unsafe_is_refused(
    acme_staff: Client, given: dict[str, str], field: str
) -> None:
    answer = acme_staff.post(
        page_of(ApiClient, "add"), {"name": "App", "scopes": ["records:read"], **given}
    )

    assert list(errors_of(answer)) == [field]
    assert ApiClient.objects.count() == 0
