"""Endpoints in the words of those who describe one, over the API."""

import pytest
from rest_framework.test import APIClient

from tests.endpoints import found_in
from webhooks.models import Endpoint, EndpointSecret

BASE = "/api/v1/webhooks/endpoints"
DESCRIBED = {
    "endpoint": "/webhooks/external-service",
    "method": "POST",
    "headers": {"Content-Type": "application/json", "X-Webhook-Secret": "your-secret"},
    "validation": "signature",
}


def test_definition_that_people_know_is_taken_as_it_stands(api: APIClient) -> None:
    answer = api.post(BASE, DESCRIBED)

    created = answer.json()
    assert answer.status_code == 201
    assert created["url"] == "http://127.0.0.1:8000/in/acme/webhooks/external-service"
    assert (created["name"], created["slug"]) == ("external-service", "external_service")
    assert (created["methods"], created["scheme"]) == (["POST"], "hmac")
    assert created["expected_headers"] == [
        {"name": "Content-Type", "value": "application/json"},
        {"name": "X-Webhook-Secret", "value": "••••••"},
    ]
    assert created["secret"] == EndpointSecret.objects.get().secret
    stored = {each["name"]: each["value"] for each in Endpoint.objects.get().expected_headers}
    assert stored == DESCRIBED["headers"]


@pytest.mark.parametrize(
    ("words", "scheme"),
    [
        ({"validation": "secret", "secret": "your-secret"}, "secret_header"),
        ({"validation": "slack", "name": "Our Slack"}, "slack"),
        ({"validation": "hmac", "method": "put"}, "hmac"),
    ],
)
def test_other_words_of_such_a_definition_are_understood(
    api: APIClient, words: dict[str, str], scheme: str
) -> None:
    created = api.post(BASE, {"endpoint": "in/here", **words}).json()

    assert (created["path"], created["scheme"]) == ("in/here", scheme)
    assert created["name"] == words.get("name", "here")
    assert created["methods"] == [words.get("method", "POST").upper()]


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"validation": "none"}, "scheme", "unknown_scheme"),
        ({"method": "FETCH"}, "methods", "invalid_methods"),
        ({"headers": [{"name": "X-A", "value": "b"}]}, "headers", "not_a_dict"),
        ({"headers": {"X-A": 5}}, "headers.X-A", "type"),
        ({"headers": {"X A": "b"}}, "expected_headers[0].name", "invalid_header"),
        ({"path": "webhooks/code"}, "path", "unknown"),
        ({"endpoint": "/"}, "path", "blank"),
        ({"endpoint": 5}, "endpoint", "type"),
    ],
)
def test_definition_that_is_not_valid_is_refused(
    api: APIClient, change: dict[str, object], path: str, code: str
) -> None:
    answer = api.post(BASE, {**DESCRIBED, **change})

    assert (path, code) in found_in(answer)
    assert Endpoint.objects.count() == 0


def test_a_described_secret_is_what_the_sender_sends(api: APIClient) -> None:
    words = {"endpoint": "/shop", "validation": "secret", "headers": {"X-Api-Key": "your-secret"}}

    created = api.post(BASE, words).json()
    answers = [
        api.post("/in/acme/shop", {"a": 1}, headers={"X-Api-Key": secret}).status_code
        for secret in ("your-secret", "another-secret")
    ]

    assert (created["expected_headers"], created["secret"]) == ([], None)
    assert answers == [200, 401]
