"""What an endpoint accepts, keeps and answers, and what it refuses."""

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from core.models import Event, Tenant
from tests.endpoints import (
    PUSH,
    SECRET,
    make_endpoint,
    make_message,
    make_processed,
    post,
    push,
    signed,
    url_of,
)
from tests.makers import make_actor
from webhooks import services
from webhooks.models import EndpointSecret, Message, Refusal

pytestmark = pytest.mark.django_db

REFUSED = "REFUSED"


def error_of(answer: HttpResponse) -> str:
    """Return the code in the body of a refusal."""
    return str(json.loads(answer.content)["error"])


def reasons(tenant: Tenant) -> dict[str, int]:
    """Return how many requests were refused for which reason."""
    return dict(Refusal.objects.for_tenant(tenant).values_list("reason", "count"))


def test_a_signed_request_is_kept_as_it_is_and_acknowledged(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    answer = push(endpoint)

    message = Message.objects.get()
    assert (answer.status_code, answer.content) == (200, b'{"received": true}')
    assert answer.headers["Content-Type"] == "application/json"
    assert (message.endpoint, message.key, message.method) == (endpoint, "d-1", "POST")
    assert json.loads(bytes(message.body or b"")) == PUSH
    assert message.size == len(json.dumps(PUSH))
    assert message.state == Message.State.RECEIVED
    assert message.ip_address == "127.0.0.1"
    assert message.trace == [
        "The signature matched secret 1 of 1",
        "Repeats are told by header:X-GitHub-Delivery",
    ]


def test_a_message_becomes_one_event(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    message = make_processed(endpoint)

    event = Event.objects.get(type="inbound.code.push")
    assert (message.state, message.event_id, message.due_at) == ("processed", event.id, None)
    assert message.event_type == "inbound.code.push"
    assert event.entity_id == endpoint.id
    assert event.data["body"] == PUSH
    assert event.data["format"] == "json"
    assert event.data["message"] == message.id
    assert event.data["headers"]["x-github-delivery"] == "d-1"
    assert event.data["headers"]["x-hub-signature-256"] == "••••••"


def test_a_repeat_gets_the_first_answer_and_makes_no_second_message(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, answer_body='{"first": true}')
    first = push(endpoint)
    services.update_endpoint(endpoint, {"answer_body": "{}"}, actor=make_actor())

    second = push(endpoint)

    message = Message.objects.get()
    assert (second.status_code, second.content) == (200, first.content)
    assert message.repeats == 1
    assert message.repeated_at is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"x-hub-signature-256": ""}, "no_signature"),
        ({"x-hub-signature-256": "sha256=" + "0" * 64}, "wrong_signature"),
        ({"x-hub-signature-256": "sha256=nothing"}, "malformed"),
        ({"x-hub-signature-256": "md5=00"}, "malformed"),
    ],
)
def test_what_is_not_signed_is_refused_and_counted(
    tenant: Tenant, change: dict[str, str], reason: str
) -> None:
    endpoint = make_endpoint(tenant)
    incoming = signed(endpoint, b"{}")
    forged = type(incoming)(
        method="POST", url=incoming.url, headers={**incoming.headers, **change}, body=b"{}"
    )

    answer = post(endpoint, forged)

    assert (answer.status_code, error_of(answer)) == (401, REFUSED)
    assert not Message.objects.exists()
    assert reasons(tenant) == {reason: 1}


def test_an_unknown_url_is_answered_like_a_wrong_signature(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    wrong = push(endpoint, secret="another secret altogether")

    answers = [Client().post(path) for path in ("/in/acme/nowhere", "/in/nobody/nowhere")]

    for answer in answers:
        ours, theirs = json.loads(answer.content), json.loads(wrong.content)
        assert answer.status_code == wrong.status_code == 401
        assert ours.pop("request_id") != theirs.pop("request_id")
        assert ours == theirs
        assert answer.headers.keys() == wrong.headers.keys()
    assert reasons(tenant) == {"wrong_signature": 1, "unknown": 1}
    assert Refusal.objects.get(tenant=None).path == "/in/nobody/nowhere"


def test_refusals_are_counted_by_the_hour_with_one_sample(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    for _ in range(3):
        push(endpoint, secret="another secret altogether")

    refusal = Refusal.objects.get()
    assert (refusal.count, refusal.reason, refusal.place) == (3, "wrong_signature", endpoint.id)
    assert ["x-hub-signature-256", "••••••"] in refusal.headers
    assert json.loads(refusal.body) == PUSH
    assert refusal.explanation == "No signature matches any of the secrets"


def test_the_sample_of_a_refusal_is_a_recent_one(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, expected_headers=[{"name": "X-Team", "value": "a"}])
    push(endpoint)
    before = Refusal.objects.get()
    Refusal.objects.update(sampled_at=before.sampled_at - timedelta(seconds=10))

    post(endpoint, signed(endpoint, b"{}", {"x-team": "b"}))
    push(endpoint)

    refusal = Refusal.objects.get()
    assert before.explanation == "The header X-Team is missing"
    assert refusal.explanation == "The header X-Team has another value than expected"
    assert (refusal.count, refusal.body) == (3, "{}")


def test_a_switched_off_endpoint_and_one_of_a_tenant_that_is_off_refuse(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    services.update_endpoint(endpoint, {"enabled": False}, actor=make_actor())
    off = push(endpoint)
    services.update_endpoint(endpoint, {"enabled": True}, actor=make_actor())
    Tenant.objects.update(active=False)

    nobody = push(endpoint)

    assert (off.status_code, nobody.status_code) == (401, 401)
    assert not Message.objects.exists()


def test_without_a_secret_everything_is_refused(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    EndpointSecret.objects.all().delete()

    answer = push(endpoint)

    assert answer.status_code == 401
    assert reasons(tenant) == {"no_secret": 1}


def test_both_secrets_are_believed_while_one_replaces_the_other(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    services.replace_endpoint_secret(endpoint, actor=make_actor(), secret="the next secret")

    old, new = push(endpoint, "d-1"), push(endpoint, "d-2", secret="the next secret")

    first, second = Message.objects.order_by("key")
    assert (old.status_code, new.status_code) == (200, 200)
    assert first.trace[0] == "The signature matched secret 2 of 2"
    assert second.trace[0] == "The signature matched secret 1 of 2"


def test_other_methods_than_the_endpoints_are_refused(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, methods=["PUT"])

    answers = [
        post(endpoint, signed(endpoint, b"{}", method=method)) for method in ("PUT", "POST", "GET")
    ]

    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert reasons(tenant) == {"method": 2}


def test_only_signed_requests_use_up_the_rate(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, rate_limit=1)
    forged = push(endpoint, "d-0", secret="another secret altogether")

    answers = [push(endpoint, f"d-{number}") for number in (1, 2)]

    assert forged.status_code == 401
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 1 <= int(answers[1].headers["Retry-After"]) <= 60
    assert error_of(answers[1]) == "RATE_LIMITED"
    assert Message.objects.count() == 1


def test_what_is_too_large_is_refused_and_only_a_holder_of_the_secret_is_told(
    tenant: Tenant,
) -> None:
    endpoint = make_endpoint(tenant, max_body_bytes=1_024)
    large = {"text": "x" * 1_024}

    told, not_told = (
        push(endpoint, data=large),
        push(endpoint, data=large, secret="another secret altogether"),
    )

    assert (told.status_code, error_of(told)) == (413, "PAYLOAD_TOO_LARGE")
    assert not_told.status_code == 401
    assert not Message.objects.exists()


def test_slack_is_answered_its_challenge_once_it_has_signed_it(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="slack", path="slack")
    body = b'{"type": "url_verification", "challenge": "3eZbrw1aB"}'

    asked, forged = (
        post(endpoint, signed(endpoint, body)),
        post(endpoint, signed(endpoint, body, secret="another secret altogether")),
    )

    assert (asked.status_code, asked.content) == (200, b"3eZbrw1aB")
    assert asked.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert asked.headers["X-Content-Type-Options"] == "nosniff"
    assert forged.status_code == 401
    assert not Message.objects.exists()


def test_a_message_of_another_tenant_with_the_same_path_is_another_one(
    tenant: Tenant, stranger: Tenant
) -> None:
    ours, theirs = make_endpoint(tenant), make_endpoint(stranger, secret="their own secret")

    refused = push(theirs)
    make_message(ours)

    assert refused.status_code == 401
    assert list(Message.objects.values_list("tenant", flat=True)) == [tenant.id]


def test_a_deleted_endpoint_takes_nothing_and_its_path_is_free_again(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    url = url_of(endpoint)
    services.delete_endpoint(endpoint, actor=make_actor())

    gone = push(endpoint)
    again = make_endpoint(tenant, secret=SECRET)

    assert gone.status_code == 401
    assert url_of(again) == url
    assert push(again).status_code == 200
