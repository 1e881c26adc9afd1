"""People of the admin, and one row of everything for them to look at."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from core import services
from core.models import ApiKey, IdempotencyKey, Tenant, User
from monitoring.models import ApiCall
from records import services as record_services
from scim import services as scim_services
from scim.models import Directory
from tests.endpoints import make_endpoint, push
from tests.makers import make_actor, make_event_type, make_key
from tests.orders import make_order_type, order
from tests.subscriptions import make_delivery, make_replay, make_subscription
from webhooks.models import Attempt
from webhooks.services import send_endpoint_sample

CANARY = "canary-4711-secret"
PASSWORD = "a long and good password"
SHOWN_ONCE = "/admin/secret/"
SECRET = re.compile(r'id="shown-secret">([^<]+)<')


def make_staff(name: str, tenant: Tenant | None = None) -> User:
    """Return an operator, or someone of one tenant, who may do all that their kind may do."""
    return services.create_staff(
        f"{name}@example.com", actor=make_actor(), tenant=tenant, password=PASSWORD
    ).user


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(db: None) -> Client:
    """The browser of an operator."""
    return sign_in(make_staff("operator"))


@pytest.fixture
def acme_staff(tenant: Tenant) -> Client:
    """The browser of someone of acme."""
    return sign_in(make_staff("ann", tenant))


@pytest.fixture
def globex_staff(stranger: Tenant) -> Client:
    """The browser of someone of globex."""
    return sign_in(make_staff("gus", stranger))


@pytest.fixture
def everything(tenant: Tenant) -> None:
    """Acme with a row of every kind, and the canary wherever a secret is kept."""
    actor = make_actor()
    services.set_config_value(tenant, "api_key", CANARY, actor=actor)
    make_event_type(tenant)
    make_order_type(tenant)
    record_services.create_record(tenant, "order", order(), actor=actor)
    subscription = make_subscription(
        tenant,
        "https://warehouse.example.com/orders",
        headers=[{"name": "Authorization", "value": f"Bearer {CANARY}"}],
    )
    delivery = make_delivery(subscription)
    Attempt.objects.create(
        tenant=tenant,
        delivery=delivery,
        number=1,
        started_at=timezone.now(),
        duration_ms=12,
        status_code=503,
    )
    make_replay(tenant, subscription)
    endpoint = make_endpoint(
        tenant,
        secret=CANARY,
        expected_headers=[{"name": "X-Webhook-Secret", "value": CANARY}],
    )
    send_endpoint_sample(endpoint, actor=actor)
    push(endpoint, secret="another secret altogether")
    _make_credentials(tenant)
    Directory.objects.create(tenant=tenant, profile=Directory.Profile.OKTA)
    scim_services.save_mapping(tenant, [{"field": "city", "path": "title"}], actor=actor)
    ApiCall.objects.create(
        tenant=tenant, method="GET", path="/api/v1/me", status_code=200, duration_ms=3
    )
    IdempotencyKey.objects.create(
        tenant=tenant,
        credential="key_1",
        key="first",
        fingerprint="f",
        body=CANARY,
        expires_at=timezone.now() + timedelta(hours=1),
    )


def _make_credentials(tenant: Tenant) -> None:
    make_key(tenant)
    ApiKey.objects.for_tenant(tenant).update(digest=CANARY)
    client = services.create_api_client(
        tenant, name="ERP", scopes=["records:read"], actor=make_actor()
    ).client
    user = User.objects.filter(tenant=tenant).first() or make_staff("ida", tenant)
    soon = timezone.now() + timedelta(hours=1)
    common: dict[str, Any] = {"application": client, "user": user}
    access = AccessToken.objects.create(
        token=f"{CANARY}-access-token-1", expires=soon, scope="records:read", **common
    )
    RefreshToken.objects.create(token=f"{CANARY}-refresh-token-1", access_token=access, **common)
    Grant.objects.create(
        code=f"{CANARY}-authorization-code-1",
        expires=soon,
        redirect_uri="https://app.example.com",
        scope="records:read",
        **common,
    )


def page_of(model: type[models.Model], page: str, *arguments: Any) -> str:
    """Return the address of a page of the admin: changelist, add, change, history delete, or an action."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=arguments)


def registered() -> list[type[models.Model]]:
    """Return every model with pages of its own, by name."""
    return sorted(admin.site._registry, key=lambda model: model._meta.label_lower)


def rows_of(tenant: Tenant) -> Iterator[models.Model]:
    """Yield every row of ``tenant`` that the admin has a page for."""
    for model in registered():
        if any(field.name == "tenant" for field in model._meta.get_fields()):
            yield from model._default_manager.filter(tenant=tenant)


def text_of(response: Any) -> str:
    answer: HttpResponse = response
    return answer.content.decode()


def errors_of(response: Any) -> dict[str, list[str]]:
    """Return what the form of a page says is wrong; fail when nothing is."""
    form = response.context["adminform"].form
    assert form.errors, text_of(response)[:2000]
    found: dict[str, list[str]] = json.loads(json.dumps(form.errors))
    return found


def act(browser: Client, model: type[models.Model], action: str, /, *key: str, **data: Any) -> Any:
    """Press the button of an action, on one row or on a list, and say yes; return the page after it."""
    return browser.post(page_of(model, action, *key), {"sure": "yes", **data}, follow=True)


def make_onlooker(tenant: Tenant) -> Client:
    """Return the browser of someone of ``tenant`` who may look at everything and change nothing."""
    user = make_staff("otto", tenant)
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return sign_in(user)


def shown_secret(browser: Client) -> str:
    """Return the secret on the page that shows it."""
    found = SECRET.search(text_of(browser.get(SHOWN_ONCE)))
    assert found, "the page shows no secret"
    return found.group(1)
