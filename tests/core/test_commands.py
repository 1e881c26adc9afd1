"""The commands by which operators do what the admin can do."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from core.models import ApiClient, ApiKey, AuditEntry, Tenant, TenantOwned, User

pytestmark = pytest.mark.django_db


def facts_of(command: str, *arguments: str) -> dict[str, Any]:
    """Run a command with --json; return the object it printed."""
    output = io.StringIO()
    call_command(command, *arguments, "--json", stdout=output)
    facts: dict[str, Any] = json.loads(output.getvalue())
    return facts


def test_tenant_is_created_and_audited() -> None:
    facts = facts_of("create_tenant", "acme", "--name", "Acme Incorporated")

    tenant = Tenant.objects.get()
    assert facts == {"id": tenant.id, "slug": "acme", "name": "Acme Incorporated"}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_kind, entry.tenant) == ("tenant.created", "system", tenant)


def test_facts_are_printed_as_lines_for_people() -> None:
    output = io.StringIO()

    call_command("create_tenant", "acme", stdout=output)

    tenant = Tenant.objects.get()
    assert output.getvalue() == f"id: {tenant.id}\nslug: acme\nname: acme\n"


@pytest.mark.parametrize("slug", ["Acme", "", "1acme", "a" * 64, "a_b", "a b", "acme\n", "é"])
def test_slug_that_no_url_can_hold_is_refused(slug: str) -> None:
    with pytest.raises(CommandError, match=r"[a-z]\.$|characters|blank"):
        call_command("create_tenant", slug)

    assert Tenant.objects.count() == 0


def test_slug_is_taken_once(tenant: Tenant) -> None:
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_tenant", "acme")

    assert Tenant.objects.count() == 1


def test_key_works_with_the_scopes_it_was_given(tenant: Tenant) -> None:
    facts = facts_of("create_api_key", "acme", "--scopes", "events:read", "records:read")

    me = APIClient().get("/api/v1/me", HTTP_X_API_KEY=facts["secret"]).json()
    assert me["id"] == facts["id"]
    assert me["scopes"] == facts["scopes"] == ["events:read", "records:read"]
    assert facts["expires_at"] is None


def test_key_expires_after_so_many_days(tenant: Tenant) -> None:
    facts_of("create_api_key", "acme", "--scopes", "events:read", "--expires-days", "30")

    key = ApiKey.objects.get()
    assert key.expires_at is not None
    assert round((key.expires_at - key.created_at).total_seconds()) == 30 * 24 * 3600


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody", "--scopes", "events:read"], "There is no tenant nobody. There are: acme."),
        (["acme", "--scopes", "events:all"], "Unknown scope events:all"),
        (["acme", "--scopes", "events:read", "--expires-days", "0"], "must be from 1 to"),
        (["acme", "--scopes", "events:read", "--expires-days", "9999999"], "must be from 1 to"),
    ],
)
def test_key_that_cannot_be_is_refused_in_a_sentence(
    arguments: list[str], sentence: str, tenant: Tenant
) -> None:
    with pytest.raises(CommandError, match=sentence) as raised:
        call_command("create_api_key", *arguments)

    assert raised.value.returncode == 1
    assert ApiKey.objects.count() == 0


def test_client_gets_a_token_with_what_was_printed(tenant: Tenant) -> None:
    facts = facts_of("create_api_client", "acme", "--scopes", "events:read", "--name", "Shop")

    form = {name: facts[name] for name in ("client_id", "client_secret")}
    answer = Client().post(
        "/oauth/token",
        "&".join(f"{n}={v}" for n, v in {**form, "grant_type": "client_credentials"}.items()),
        content_type="application/x-www-form-urlencoded",
    )
    assert facts["grant"] == "client-credentials"
    assert answer.json()["scope"] == "events:read"


def test_public_client_has_no_secret(tenant: Tenant) -> None:
    facts = facts_of(
        "create_api_client",
        "acme",
        "--scopes",
        "events:read",
        "--redirect-uri",
        "https://app.example.com/callback",
        "--public",
    )

    assert facts["client_secret"] is None
    assert facts["grant"] == "authorization-code"
    assert ApiClient.objects.get().client_type == "public"


@pytest.mark.parametrize("uri", ["http://app.example.com/", "javascript:alert(1)", "nonsense"])
def test_redirect_that_is_not_https_is_refused(uri: str, tenant: Tenant) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("create_api_client", "acme", "--scopes", "events:read", "--redirect-uri", uri)

    assert str(refusal.value) == (
        f"People cannot be sent back to {uri}. Write an address that begins with https:// and has"
        " no fragment, such as https://app.example.com/callback."
    )

    assert ApiClient.objects.count() == 0


def test_staff_of_a_tenant_can_sign_in_change_its_rows_and_view_its_logs(tenant: Tenant) -> None:
    facts = facts_of("create_staff", "ann@acme.example", "--tenant", "acme")

    user = User.objects.get()
    browser = Client()
    assert browser.login(username="ann@acme.example", password=facts["password"])
    assert browser.get("/admin/").status_code == 200
    assert (user.tenant, user.is_staff, user.is_superuser) == (tenant, True, False)
    granted = {permission.partition(".")[2] for permission in user.get_all_permissions()}
    assert granted == {
        "view_auditentry",
        "view_apicall",
        "view_refusal",
        "view_provisioningentry",
    } | {
        f"{verb}_{model._meta.model_name}"
        for verb in ("add", "change", "delete", "view")
        for model in _owned()
    }
    assert not user.has_perm("core.add_tenant")


def test_person_who_has_an_account_is_not_made_twice() -> None:
    facts_of("create_staff", "ann@acme.example")

    with pytest.raises(CommandError) as refusal:
        call_command("create_staff", "ann@acme.example")

    assert str(refusal.value) == (
        "ann@acme.example has an account already. Change it in the admin, under Staff; a new"
        " password is set by manage.py changepassword ann@acme.example."
    )
    assert User.objects.count() == 1


def test_operator_brings_a_password_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))

    facts = facts_of("create_staff", "op@example.com", "--password-stdin")

    user = User.objects.get()
    assert facts["password"] is None
    assert (user.tenant, user.is_superuser) == (None, True)
    assert user.check_password("correct horse battery")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("op@example.com", "12345678"),
        ("op@example.com", "password"),
        ("op@example.com", ""),
        ("no address", "correct horse battery"),
        ("", "correct horse battery"),
    ],
)
def test_weak_password_or_malformed_address_is_refused(
    email: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))

    with pytest.raises(CommandError):
        call_command("create_staff", email, "--password-stdin")

    assert User.objects.count() == 0


def _owned() -> list[type[TenantOwned]]:
    from django.apps import apps

    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]
