"""What strangers, and senders that misbehave, can do to an endpoint: nothing."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Event, Tenant
from tests.endpoints import SECRET, make_endpoint, post, push, signed, url_of
from tests.makers import make_actor
from webhooks import deletion, services
from webhooks.inbound import processing
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.models import Endpoint, Message, Refusal

pytestmark = pytest.mark.django_db

STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", ["/in/acme/webhooks/code", "/in/acme/nowhere", "/in/nobody/x"])
def test_any_method_is_refused_alike(tenant: Tenant, path: str) -> None:
    make_endpoint(tenant)

    answer = Client().generic("ABCDEFGHIJKLMNOPQRST", path)

    assert answer.status_code == 401
    assert Refusal.objects.get().method == "ABCDEFGHIJ"


def test_a_sample_is_small_however_much_was_sent(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    headers = {f"x-{number}-{'n' * 8_000}": "v" * 8_000 for number in range(60)}

    post(endpoint, Incoming(method="POST", url="", headers=headers, body=b"x" * 100_000))

    refusal = Refusal.objects.get()
    assert len(json.dumps(refusal.headers)) < 10_000
    assert len(refusal.body) == 2_000
    assert all(len(name) <= 100 and len(value) <= 500 for name, value in refusal.headers)


def test_the_secret_of_a_sender_is_kept_in_no_refusal(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="secret_header", options={"header": "X-Shop"})

    post(endpoint, signed(endpoint, b"{}", secret="what will be the secret"))
    Client().post("/in/acme/nowhere", headers={"X-Auth": "what will be the secret"})

    samples = [dict(refusal.headers) for refusal in Refusal.objects.order_by("id")]
    assert samples[0]["x-shop"] == "••••••"
    assert samples[1]["x-auth"] == "••••••"


def test_what_is_likely_to_be_a_secret_is_blotted_out_of_queries(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="meta", options={"verify_token": "known to both"})
    incoming = signed(endpoint, b"{}")
    query = "?page=2&access_token=4f5e6d&api%5Fkey=12345&verify=known%20to%20both&flag"

    Client().post(
        url_of(endpoint) + query, b"{}", content_type="text/plain", headers=dict(incoming.headers)
    )
    processing.process()

    masked = "page=2&access_token=••••••&api%5Fkey=••••••&verify=••••••&flag"
    assert Message.objects.get().query == masked
    assert Event.objects.get(type="inbound.code.received").data["query"] == masked


def test_a_key_that_is_a_secret_is_kept_as_its_digest(tenant: Tenant) -> None:
    endpoint = make_endpoint(
        tenant,
        message_key="header:X-Auth-Team",
        expected_headers=[{"name": "X-Auth-Team", "value": "a word that proves"}],
    )

    answers = [
        post(endpoint, signed(endpoint, b"{}", {"x-auth-team": "a word that proves"}))
        for _ in range(2)
    ]

    message = Message.objects.get()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (message.key or "").startswith("sha256:")
    assert message.repeats == 1


def test_what_every_request_must_carry_is_no_secret(tenant: Tenant) -> None:
    expected = {"Content-Type": "application/x-www-form-urlencoded", "X-GitHub-Event": "push"}
    endpoint = make_endpoint(
        tenant,
        expected_headers=[{"name": name, "value": value} for name, value in expected.items()],
    )
    headers = {name.lower(): value for name, value in expected.items()}

    post(endpoint, signed(endpoint, b"a=1", headers))
    processing.process()

    event = Event.objects.get(type="inbound.code.push")
    assert (event.data["format"], event.data["body"]) == ("form", {"a": "1"})
    assert event.data["headers"]["x-github-event"] == "push"


def test_svix_is_told_repeats_by_the_header_that_was_verified(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="svix", secret=STANDARD)
    incoming = signed(endpoint, b"{}", secret=STANDARD)
    renamed = {name.replace("svix-", "webhook-"): each for name, each in incoming.headers.items()}

    first = post(endpoint, incoming)
    again = post(endpoint, Incoming(method="POST", url="", headers=renamed, body=b"{}"))

    assert (first.status_code, again.status_code) == (200, 200)
    assert [(row.key, row.repeats) for row in Message.objects.all()] == [
        (incoming.headers["svix-id"], 1)
    ]


@pytest.mark.parametrize(
    ("body", "content_types"),
    [
        (b"command=%2Fdeploy&trigger_id=13345224609", [FORM, "text/plain"]),
        (b'{"event_id": "Ev1", "text": "a=b"}', ["application/json", FORM]),
    ],
)
def test_a_slack_request_sent_again_is_a_repeat(
    tenant: Tenant, body: bytes, content_types: list[str]
) -> None:
    endpoint = make_endpoint(tenant, scheme="slack")
    incoming = signed(endpoint, body)

    for content_type in content_types:
        headers = {**incoming.headers, "content-type": content_type}
        post(endpoint, Incoming(method="POST", url="", headers=headers, body=body))

    assert [row.repeats for row in Message.objects.all()] == [1]


@pytest.mark.parametrize("challenge", ["\\ud800", "a\\u0000b", "x" * 1_001])
def test_an_odd_challenge_of_slack_is_a_message_like_any_other(
    tenant: Tenant, challenge: str
) -> None:
    endpoint = make_endpoint(tenant, scheme="slack")
    body = b'{"type": "url_verification", "challenge": "%b"}' % challenge.encode()

    answer = post(endpoint, signed(endpoint, body))

    assert (answer.status_code, answer.content) == (200, b'{"received": true}')


def test_a_large_form_is_not_read_before_it_is_believed(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="twilio")
    forged = {"content-type": FORM, "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}

    answer = post(
        endpoint, Incoming(method="POST", url="", headers=forged, body=b"a=" + b"%41" * 100_000)
    )

    assert answer.status_code == 401
    assert Refusal.objects.get().explanation == "A form of Twilio's has at most 65536 bytes"


def test_the_state_of_graph_is_in_no_event_however_it_is_spelled(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="microsoft_graph", secret="known-to-both")
    notices = rb'{"value": [{"changeType": "updated", "clientState": "known\u002dto-both"}]}'

    answer = post(endpoint, Incoming(method="POST", url="", headers={}, body=notices))
    processing.process()

    body = Event.objects.get(type="inbound.code.updated").data["body"]
    assert answer.status_code == 200
    assert body == {"value": [{"changeType": "updated", "clientState": "••••••"}]}


def test_what_was_acknowledged_becomes_an_event_though_its_endpoint_is_deleted(
    tenant: Tenant,
) -> None:
    endpoint = make_endpoint(tenant)
    push(endpoint)
    services.delete_endpoint(endpoint, actor=make_actor())
    long_ago = timezone.now() - timedelta(hours=1)
    Endpoint.with_deleted.update(deleted_at=long_ago)

    erased_before = deletion.erase_deleted()
    processing.process()
    erased_after = deletion.erase_deleted()

    assert (erased_before, erased_after) == (0, 1)
    assert Event.objects.get(type="inbound.code.push").entity_id == endpoint.id
    assert not Endpoint.with_deleted.exists()


def test_a_replaced_secret_ends_with_the_one_that_replaced_it(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    replace = services.replace_endpoint_secret
    replace(endpoint, actor=make_actor(), secret="the second secret")

    replace(endpoint, actor=make_actor(), secret="the third secret", overlap=timedelta(0))

    secrets = (SECRET, "the second secret", "the third secret")
    answers = [push(endpoint, secret, secret=secret).status_code for secret in secrets]
    assert answers == [401, 401, 200]
