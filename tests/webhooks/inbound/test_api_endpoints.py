"""Endpoints over the API."""

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry, Tenant
from tests.endpoints import SECRET, found_in, make_endpoint, push
from tests.garbage import MALFORMED, MISSHAPEN, Garbage
from tests.makers import make_key
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, EndpointSecret, Message

BASE = "/api/v1/webhooks/endpoints"
NEW = {"name": "Our code", "path": "webhooks/code", "scheme": "github"}


def test_created_endpoint_shows_its_url_and_its_secret_once(api: APIClient) -> None:
    answer = api.post(BASE, NEW)

    created = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"{BASE}/{created['id']}")
    secret = created.pop("secret")
    assert EndpointSecret.objects.get().secret == secret
    shown = api.get(f"{BASE}/{created['id']}")
    assert shown.json() == created
    assert secret not in shown.content.decode()
    assert {name: created[name] for name in NEW} == NEW
    assert created["url"] == "http://127.0.0.1:8000/in/acme/webhooks/code"
    assert (created["slug"], created["methods"]) == ("code", ["POST"])
    assert (created["enabled"], created["accepts"]) == (True, True)
    assert [set(each) for each in created["secrets"]] == [{"id", "created_at", "expires_at"}]
    assert AuditEntry.objects.filter(action="endpoint.created").count() == 1


def test_whoever_signs_with_the_secret_of_the_answer_gets_in(
    api: APIClient, tenant: Tenant
) -> None:
    created = api.post(BASE, NEW).json()
    endpoint = Endpoint.objects.get(pk=created["id"])

    answer = push(endpoint, secret=created["secret"])

    assert answer.status_code == 200
    assert Message.objects.get().endpoint == endpoint


def test_secret_of_the_sender_is_taken_and_not_answered(api: APIClient) -> None:
    answer = api.post(BASE, {**NEW, "secret": SECRET})

    assert (answer.status_code, answer.json()["secret"]) == (201, None)
    assert SECRET not in answer.content.decode()
    assert EndpointSecret.objects.get().secret == SECRET


def test_endpoint_whose_sender_makes_the_secret_accepts_nothing_before_it_is_known(
    api: APIClient,
) -> None:
    created = api.post(BASE, {**NEW, "scheme": "stripe"}).json()
    url = f"{BASE}/{created['id']}"

    rotated = api.post(f"{url}/rotate-secret", {"secret": "whsec_of_stripe"})

    assert (created["secret"], created["secrets"], created["accepts"]) == (None, [], False)
    assert rotated.status_code == 200
    assert (rotated.json()["secret"], rotated.json()["accepts"]) == (None, True)
    assert EndpointSecret.objects.get().secret == "whsec_of_stripe"


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"name": 5}, "name", "type"),
        ({"path": "a//b"}, "path", "invalid"),
        ({"path": "../admin"}, "path", "invalid"),
        ({"slug": "Our code"}, "slug", "invalid"),
        ({"scheme": "morse"}, "scheme", "invalid_choice"),
        ({"methods": "POST"}, "methods", "not_a_list"),
        ({"methods": []}, "methods", "empty"),
        ({"methods": ["POST", "POST"]}, "methods", "invalid_methods"),
        ({"methods": ["TRACE"]}, "methods[0]", "invalid_choice"),
        ({"expected_headers": {"X-A": "b"}}, "expected_headers", "not_a_list"),
        ({"expected_headers": [{"name": "X-A"}]}, "expected_headers[0].value", "required"),
        (
            {"expected_headers": [{"name": "X-A", "value": "••••••"}]},
            "expected_headers[0].value",
            "masked",
        ),
        ({"options": {"header": "X-A"}}, "options.header", "unknown_option"),
        ({"options": {"header": 5}}, "options.header", "type"),
        ({"options": ["header"]}, "options", "not_a_dict"),
        ({"tolerance_seconds": 0}, "tolerance_seconds", "min_value"),
        ({"allowed_networks": ["192.0.2.7/24"]}, "allowed_networks[0]", "invalid_network"),
        ({"allowed_networks": "192.0.2.7"}, "allowed_networks", "not_a_list"),
        ({"rate_limit": 600_001}, "rate_limit", "max_value"),
        ({"max_body_bytes": 1_000}, "max_body_bytes", "min_value"),
        ({"max_body_bytes": 1_000_000_000}, "max_body_bytes", "too_large"),
        ({"message_key": "the id"}, "message_key", "invalid_selector"),
        ({"event_type": "body"}, "event_type", "invalid_selector"),
        ({"answer_status": 302}, "answer_status", "max_value"),
        ({"answer_content_type": "text/html"}, "answer_content_type", "invalid_content_type"),
        ({"answer_status": 204}, "answer_body", "not_here"),
        ({"enabled": "perhaps"}, "enabled", "type"),
        ({"secret": " with spaces "}, "secret", "invalid_secret"),
        ({"url": "https://here.example"}, "url", "unknown"),
    ],
)
def test_endpoint_that_is_not_valid_is_refused(
    api: APIClient, change: dict[str, object], path: str, code: str
) -> None:
    answer = api.post(BASE, {**NEW, **change})

    assert (path, code) in found_in(answer)
    assert Endpoint.objects.count() == 0
    assert EndpointSecret.objects.count() == 0


def test_path_and_word_of_another_endpoint_are_taken(api: APIClient, tenant: Tenant) -> None:
    make_endpoint(tenant)

    same = api.post(BASE, NEW)
    alike = api.post(BASE, {**NEW, "path": "other", "slug": "code"})

    assert found_in(same) == [("path", "taken")]
    assert found_in(alike) == [("slug", "taken")]


def test_a_word_that_nobody_chose_is_one_that_is_free(api: APIClient, tenant: Tenant) -> None:
    make_endpoint(tenant)
    paths = ["shop-b/code", "shop_b/code", "shop.b/code", "Code"]

    answers = [api.post(BASE, {**NEW, "path": path}) for path in paths]

    assert [answer.json().get("slug") for answer in answers] == [
        "shop_b_code",
        "code_2",
        "code_3",
        "code_4",
    ]


def test_a_header_that_carries_the_secret_is_not_expected_besides(api: APIClient) -> None:
    wanted = {"scheme": "bearer", "expected_headers": [{"name": "Authorization", "value": "x"}]}

    answer = api.post(BASE, {**NEW, **wanted, "message_key": "header:Authorization"})

    assert found_in(answer) == [("expected_headers[0].name", "secret"), ("message_key", "secret")]


def test_everything_there_is_to_correct_is_listed_at_once(api: APIClient) -> None:
    answer = api.post(BASE, {**NEW, "path": "a//b", "message_key": "the id", "answer_status": 204})

    assert found_in(answer) == [
        ("path", "invalid"),
        ("message_key", "invalid_selector"),
        ("answer_body", "not_here"),
    ]
    assert answer.json()["message"] == "The endpoint is not valid."


def test_name_is_the_last_word_of_the_path_unless_there_is_one(api: APIClient) -> None:
    created = api.post(BASE, {"path": "webhooks/code", "scheme": "github"}).json()

    assert created["name"] == "code"


def test_repeat_with_the_same_idempotency_key_creates_one(api: APIClient) -> None:
    first = api.post(BASE, NEW, headers={"Idempotency-Key": "k1"})

    second = api.post(BASE, NEW, headers={"Idempotency-Key": "k1"})

    assert first.json() == second.json()
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize("garbage", [*MALFORMED, *MISSHAPEN], ids=str)
def test_garbage_is_refused(api: APIClient, garbage: Garbage) -> None:
    answer = api.generic("POST", BASE, garbage.body, garbage.content_type)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["error"]) == (garbage.status, garbage.error)
    assert Endpoint.objects.count() == 0


def test_reading_scope_does_not_write(tenant: Tenant) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant, 'webhooks:read')}")
    url = f"{BASE}/{make_endpoint(tenant).id}"

    answers = [
        client.get(BASE),
        client.get(url),
        client.post(BASE, NEW),
        client.patch(url, {"name": "New"}),
        client.delete(url),
        client.post(f"{url}/rotate-secret", {}),
        client.post(f"{url}/disable"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 403, 403, 403, 403, 403]
    assert Endpoint.objects.get().enabled


def test_schemes_are_listed_by_name_with_what_is_usual(api: APIClient) -> None:
    first = api.get("/api/v1/webhooks/schemes", {"limit": 5}).json()
    rest = api.get(
        "/api/v1/webhooks/schemes", {"limit": 200, "cursor": first["next_cursor"]}
    ).json()

    shown = {row["name"]: row for row in first["data"] + rest["data"]}
    assert list(shown) == sorted(SCHEMES)
    assert rest["next_cursor"] is None
    assert shown["github"] == {
        "name": "github",
        "label": "GitHub",
        "hint": "The same text as in the field Secret of the webhook on GitHub.",
        "secret_required": True,
        "secret_is_ours": True,
        "tolerance_seconds": None,
        "message_key": "header:X-GitHub-Delivery",
        "event_type": "header:X-GitHub-Event",
        "options": [],
    }
    assert (shown["stripe"]["tolerance_seconds"], shown["stripe"]["secret_is_ours"]) == (300, False)
    assert shown["meta"]["options"] == [
        {
            "name": "verify_token",
            "label": "Verify token",
            "default": "",
            "help_text": "Any text, the same as is entered beside the callback URL at Meta.",
            "choices": [],
            "required": True,
            "secret": True,
        }
    ]
