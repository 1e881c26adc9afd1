"""Secrets and keys: what a delivery is signed with before, during and after a rotation."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from core.models import Tenant
from tests.makers import make_actor
from tests.sinks import Seen, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_delivery, make_subscription
from webhooks import delivery as delivering
from webhooks import services, signing
from webhooks.errors import RotationRefusedError
from webhooks.models import SigningSecret, Subscription


def delivered(subscription: Subscription, sink: Sink) -> Seen:
    make_delivery(subscription)
    delivering.drain()
    return sink.requests[-1]


def verify(request: Seen, *keys: str) -> None:
    signing.verify(
        keys,
        message_id=request.headers["webhook-id"],
        timestamp=request.headers["webhook-timestamp"],
        signatures=request.headers["webhook-signature"],
        body=request.body,
        now=timezone.now(),
    )


def versions(request: Seen) -> list[str]:
    return [each.partition(",")[0] for each in request.headers["webhook-signature"].split(" ")]


@pytest.mark.spec("Standard Webhooks", "Signature scheme")
def test_during_an_overlap_old_and_new_secret_verify(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    (new,) = services.rotate_secret(subscription, actor=make_actor())

    request = delivered(subscription, sink)

    assert versions(request) == ["v1", "v1"]
    Webhook(SECRET).verify(request.body, request.headers)
    Webhook(new.secret).verify(request.body, request.headers)
    newest_first = signing.signature_header(
        [new.secret, SECRET],
        request.headers["webhook-id"],
        int(request.headers["webhook-timestamp"]),
        request.body,
    )
    assert request.headers["webhook-signature"] == newest_first


def test_plain_signature_keeps_to_the_old_secret_until_the_overlap_ends(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    (new,) = services.rotate_secret(subscription, actor=make_actor(), overlap=timedelta(hours=1))

    during = delivered(subscription, sink)
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        after = delivered(subscription, sink)

    assert during.headers["x-signature-256"] == signing.body_signature(SECRET, during.body)
    assert after.headers["x-signature-256"] == signing.body_signature(new.secret, after.body)
    assert versions(after) == ["v1"]


def test_rotation_without_overlap_ends_the_old_secret_at_once(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    services.rotate_secret(subscription, actor=make_actor(), overlap=timedelta(0))

    request = delivered(subscription, sink)

    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body, request.headers)


def test_ed25519_signature_verifies_with_the_public_key(tenant: Tenant, sink: Sink) -> None:
    saved = services.create_subscription(
        tenant,
        {
            "name": "Signed",
            "event_types": ["*"],
            "url": sink.url,
            "signature_scheme": "ed25519",
            "signature_header": "",
        },
        actor=make_actor(),
    )

    request = delivered(saved.subscription, sink)

    secret, pair = saved.secrets
    assert (secret.public_key, pair.secret) == ("", "")
    assert versions(request) == ["v1a"]
    assert "x-signature-256" not in request.headers
    verify(request, pair.public_key)


def test_both_schemes_stand_in_one_header(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url, signature_scheme="both")

    request = delivered(subscription, sink)

    assert versions(request) == ["v1", "v1a"]
    Webhook(SECRET).verify(request.body, request.headers)


def test_scheme_changed_later_makes_the_missing_key(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)

    saved = services.update_subscription(
        subscription, {"signature_scheme": "both"}, actor=make_actor()
    )

    (pair,) = saved.secrets
    assert pair.kind == SigningSecret.Kind.ED25519
    verify(delivered(subscription, sink), pair.public_key)


def test_signature_header_can_have_the_name_a_receiver_knows(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(
        tenant,
        sink.url,
        secret="a plain secret of 2026",
        signature_header="X-Vendor-Signature",
    )

    request = delivered(subscription, sink)

    expected = signing.body_signature("a plain secret of 2026", request.body)
    assert request.headers["x-vendor-signature"] == expected
    assert "x-signature-256" not in request.headers


@pytest.mark.parametrize(
    ("overlap", "secret", "sentence"),
    [
        (timedelta(days=8), "", "The overlap must be from 0 to 7 days."),
        (timedelta(hours=-1), "", "The overlap must be from 0 to 7 days."),
        (timedelta(0), "short", "A secret has 16 to 200 characters, not 5."),
    ],
)
def test_rotation_that_cannot_be_done_changes_nothing(
    tenant: Tenant, sink: Sink, overlap: timedelta, secret: str, sentence: str
) -> None:
    subscription = make_subscription(tenant, sink.url)

    with pytest.raises(RotationRefusedError) as caught:
        services.rotate_secret(subscription, actor=make_actor(), overlap=overlap, secret=secret)

    assert str(caught.value) == sentence
    (row,) = SigningSecret.objects.filter(subscription=subscription)
    assert (row.secret, row.expires_at) == (SECRET, None)


def test_secrets_in_force_are_bounded(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    for _ in range(9):
        services.rotate_secret(subscription, actor=make_actor())

    with pytest.raises(RotationRefusedError, match="Too many replaced secrets"):
        services.rotate_secret(subscription, actor=make_actor())

    assert SigningSecret.objects.filter(subscription=subscription).count() == 10
