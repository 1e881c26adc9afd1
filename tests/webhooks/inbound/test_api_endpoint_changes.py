"""Changing, switching and deleting endpoints over the API, and replacing their secrets."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import AuditEntry, Tenant
from tests.endpoints import SECRET, make_endpoint, post, push, signed
from tests.inbound import make_own_endpoint
from webhooks.models import Endpoint, EndpointSecret, Message

BASE = "/api/v1/webhooks/endpoints"
META = {"path": "meta", "scheme": "meta", "options": {"verify_token": "a token of ours"}}


def url_of(endpoint: Endpoint) -> str:
    return f"{BASE}/{endpoint.id}"


def test_change_leaves_what_it_does_not_name(api: APIClient, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, rate_limit=60)

    answer = api.patch(url_of(endpoint), {"name": "Renamed", "path": "/moved/"})

    assert answer.status_code == 200
    assert answer.json()["url"] == "http://127.0.0.1:8000/in/acme/moved"
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.path) == ("Renamed", "moved")
    assert (endpoint.rate_limit, endpoint.slug, endpoint.scheme) == (60, "code", "github")
    entry = AuditEntry.objects.get(action="endpoint.updated")
    assert entry.details == {"fields": ["name", "path"]}


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"path": "a//b"}, "path", "invalid"),
        ({"secret": "short"}, "secret", "invalid_secret"),
        ({"scheme": "discord", "secret": "no public key"}, "secret", "invalid_secret"),
        ({"endpoint": "/webhooks"}, "endpoint", "unknown"),
        ({"scheme": "meta"}, "options.verify_token", "invalid_option"),
        ({"scheme": "standard_webhooks"}, "secret", "invalid_secret"),
    ],
)
def test_refused_change_changes_nothing(
    api: APIClient, tenant: Tenant, change: dict[str, str], path: str, code: str
) -> None:
    endpoint = make_endpoint(tenant, secret="whsec_not!" if "standard" in str(change) else SECRET)
    before = Endpoint.objects.values().get()

    answer = api.patch(url_of(endpoint), {"name": "New", **change})

    assert answer.status_code == 422
    found = [(detail["path"], detail["code"]) for detail in answer.json()["details"]]
    assert found == [(path, code)]
    assert Endpoint.objects.values().get() == before


def test_another_sender_comes_with_its_own_secret(api: APIClient, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    changed = api.patch(url_of(endpoint), {"scheme": "shopify", "secret": "of another sender"})
    endpoint.refresh_from_db()
    answers = [
        post(endpoint, signed(endpoint, b"{}", secret=secret)).status_code
        for secret in (SECRET, "of another sender")
    ]

    assert (changed.status_code, changed.json()["scheme"]) == (200, "shopify")
    assert len(changed.json()["secrets"]) == 1
    assert answers == [401, 200]


def test_values_that_are_secret_are_masked_and_kept_by_the_mask(api: APIClient) -> None:
    headers = [
        {"name": "X-Api-Key", "value": "abc-123"},
        {"name": "X-Team", "value": "sales"},
        {"name": "X-Token", "value": ""},
    ]
    created = api.post(BASE, {**META, "expected_headers": headers}).json()
    masked = [{"name": "X-Api-Key", "value": "••••••"}, *headers[1:]]

    changed = api.patch(
        f"{BASE}/{created['id']}",
        {"expected_headers": created["expected_headers"][:1], "options": created["options"]},
    )

    assert (created["expected_headers"], created["options"]) == (
        masked,
        {"verify_token": "••••••"},
    )
    assert changed.json()["expected_headers"] == masked[:1]
    endpoint = Endpoint.objects.get()
    assert endpoint.expected_headers == headers[:1]
    assert endpoint.options == META["options"]


def test_switching_off_and_on_is_safe_to_repeat(api: APIClient, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    states, pushes = [], []
    for verb in ("disable", "disable", "enable", "enable"):
        body = api.post(f"{url_of(endpoint)}/{verb}").json()
        states.append((body["enabled"], body["accepts"]))
        pushes.append(push(endpoint, verb).status_code)

    assert states == [(False, False)] * 2 + [(True, True)] * 2
    assert pushes == [401, 401, 200, 200]


def test_deleted_endpoint_is_gone_with_its_secrets_and_messages(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)
    push(endpoint)
    message = Message.objects.get()

    answers = [
        api.delete(url_of(endpoint)),
        api.get(url_of(endpoint)),
        api.delete(url_of(endpoint)),
        api.get(f"/api/v1/webhooks/messages/{message.id}"),
    ]

    assert [answer.status_code for answer in answers] == [204, 404, 404, 404]
    assert api.get(BASE).json()["data"] == []
    assert EndpointSecret.objects.count() == 0
    assert push(endpoint).status_code == 401


def test_list_shows_the_newest_first_and_pages(api: APIClient, tenant: Tenant) -> None:
    ids = [make_own_endpoint(tenant).id for _ in range(3)]

    first = api.get(BASE, {"limit": 2}).json()
    second = api.get(BASE, {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [row["id"] for row in first["data"] + second["data"]] == ids[::-1]
    assert second["next_cursor"] is None


def test_list_asks_the_database_no_more_often_for_more_endpoints(
    api: APIClient, tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_own_endpoint(tenant)
    api.get(BASE)

    with django_assert_max_num_queries(12):
        answer = api.get(BASE)

    assert [len(row["secrets"]) for row in answer.json()["data"]] == [1] * 5


def test_stranger_sees_and_changes_nothing(tenant: Tenant, stranger_api: APIClient) -> None:
    endpoint = make_endpoint(tenant)
    before = Endpoint.objects.values().get()

    answers = [
        stranger_api.get(url_of(endpoint)),
        stranger_api.patch(url_of(endpoint), {"name": "Theirs"}),
        stranger_api.delete(url_of(endpoint)),
        stranger_api.post(f"{url_of(endpoint)}/rotate-secret", {}),
        stranger_api.post(f"{url_of(endpoint)}/disable"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert stranger_api.get(BASE).json() == {"data": [], "next_cursor": None}
    assert Endpoint.objects.values().get() == before


def test_rotation_answers_the_new_secret_and_both_are_believed(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)

    answer = api.post(f"{url_of(endpoint)}/rotate-secret", {"overlap_hours": 48})

    body = answer.json()
    assert answer.status_code == 200
    new, old = EndpointSecret.objects.order_by("-created_at")
    assert (new.secret, new.expires_at, old.secret) == (body["secret"], None, SECRET)
    assert [each["id"] for each in body["secrets"]] == [new.id, old.id]
    assert old.expires_at is not None
    left = old.expires_at - timezone.now()
    assert timedelta(hours=47, minutes=59) < left <= timedelta(hours=48)
    pushes = [push(endpoint, "d-1"), push(endpoint, "d-2", secret=body["secret"])]
    assert [each.status_code for each in pushes] == [200, 200]
    assert body["secret"] not in api.get(url_of(endpoint)).content.decode()


def test_rotation_without_an_overlap_ends_the_old_secret_at_once(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)

    answer = api.post(
        f"{url_of(endpoint)}/rotate-secret", {"overlap_hours": 0, "secret": "the next secret"}
    )

    assert answer.json()["secret"] is None
    assert len(answer.json()["secrets"]) == 1
    pushes = [push(endpoint, "d-1"), push(endpoint, "d-2", secret="the next secret")]
    assert [each.status_code for each in pushes] == [401, 200]


@pytest.mark.parametrize(
    ("scheme", "body", "message"),
    [
        ("github", {"secret": " spaced "}, "A secret has 8 to 4096 characters"),
        ("stripe", {}, "The secret is made by the sender"),
        ("stripe", {"secret": "sk_live_1"}, "This is an API key of Stripe"),
    ],
)
def test_rotation_that_cannot_be_is_refused(
    api: APIClient, tenant: Tenant, scheme: str, body: dict[str, str], message: str
) -> None:
    endpoint = make_endpoint(tenant, scheme=scheme)

    answer = api.post(f"{url_of(endpoint)}/rotate-secret", body)

    assert (answer.status_code, answer.json()["error"]) == (422, "ROTATION_REFUSED")
    assert answer.json()["message"].startswith(message)
    assert EndpointSecret.objects.get().expires_at is None


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "24"])
def test_overlap_that_cannot_be_is_refused(
    api: APIClient, tenant: Tenant, hours: float | str
) -> None:
    endpoint = make_endpoint(tenant)

    answer = api.post(f"{url_of(endpoint)}/rotate-secret", {"overlap_hours": hours})

    assert (answer.status_code, answer.json()["error"]) == (422, "VALIDATION_FAILED")
    assert [detail["path"] for detail in answer.json()["details"]] == ["overlap_hours"]
    assert EndpointSecret.objects.get().expires_at is None
