"""What receivers of webhooks verify with accepts what we send, and nothing that was changed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import pytest
import standardwebhooks
import svix.webhooks
import time_machine
from django.utils import timezone

from core import events
from core.models import Tenant
from core.types import Json
from tests.makers import make_actor
from tests.peers.nodejs import Node, running
from tests.sinks import Seen, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_subscription, publish
from webhooks import delivery as delivering
from webhooks import services, signing
from webhooks.models import Subscription
from webhooks.types import NewSecret

OTHER_SECRET = signing.new_secret()
# Receivers that were written for GitHub's webhooks look for this header.
GITHUB_HEADER = "X-Hub-Signature-256"
# Letters of two, three and four bytes: a library that counts letters and not bytes would fail.
DATA: dict[str, Json] = {
    "customer": "Zoë Ünal",
    "note": "Übergabe an der Tür, 🫖 dazu",
    "total": 120.5,
}

Headers = Mapping[str, str]
Verifier = Callable[[str, Headers, bytes], str]
Change = Callable[[Headers, bytes], tuple[Headers, bytes]]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as started:
        yield started


def by_standardwebhooks(secret: str, headers: Headers, body: bytes) -> str:
    try:
        standardwebhooks.Webhook(secret).verify(body, dict(headers))
    except standardwebhooks.WebhookVerificationError as error:
        return str(error)
    return ""


def by_svix(secret: str, headers: Headers, body: bytes) -> str:
    try:
        svix.webhooks.Webhook(secret).verify(body, dict(headers))
    except svix.webhooks.WebhookVerificationError as error:
        return str(error)
    return ""


@pytest.fixture(
    params=["PyPI standardwebhooks", "PyPI svix", "npm standardwebhooks", "npm svix", "npm svix-1"]
)
def verifier(request: pytest.FixtureRequest) -> Verifier:
    """Return what one library says against a request, "" when it accepts it."""
    registry, library = request.param.split()
    if registry == "PyPI":
        return {"standardwebhooks": by_standardwebhooks, "svix": by_svix}[library]
    started: Node = request.getfixturevalue("node")
    return lambda secret, headers, body: started.judge(library, [secret], headers, body)


def delivered(subscription: Subscription, sink: Sink) -> Seen:
    """Return the request of a delivery as it came over the wire."""
    publish(subscription.tenant, data=DATA)
    events.dispatch()
    delivering.drain()
    (request,) = sink.requests
    return request


def with_one_byte_changed(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    assert b"120.5" in body
    return headers, body.replace(b"120.5", b"920.5")


def with_another_id(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    return {**headers, "webhook-id": headers["webhook-id"] + "x"}, body


def with_another_timestamp(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    later = str(int(headers["webhook-timestamp"]) + 1)
    return {**headers, "webhook-timestamp": later}, body


def with_another_version(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    version = headers["webhook-signature"].replace("v1,", "v2,")
    return {**headers, "webhook-signature": version}, body


@pytest.mark.spec("Standard Webhooks", "Symmetric: HMAC-SHA256")
@pytest.mark.parametrize("scheme", ["hmac", "both"])
def test_library_accepts_what_was_sent(
    verifier: Verifier, scheme: str, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url, signature_scheme=scheme)

    request = delivered(subscription, sink)

    assert verifier(SECRET, request.headers, request.body) == ""
    assert verifier(OTHER_SECRET, request.headers, request.body) == "No matching signature found"


@pytest.mark.parametrize(
    "change",
    [with_one_byte_changed, with_another_id, with_another_timestamp, with_another_version],
)
def test_library_refuses_what_was_changed(
    verifier: Verifier, change: Change, tenant: Tenant, sink: Sink
) -> None:
    request = delivered(make_subscription(tenant, sink.url), sink)

    headers, body = change(request.headers, request.body)

    assert (headers, body) != (request.headers, request.body)
    assert verifier(SECRET, headers, body) == "No matching signature found"


@pytest.mark.spec("Standard Webhooks", "Multiple signatures")
def test_library_accepts_old_and_new_secret_while_one_replaces_the_other(
    verifier: Verifier, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    (new,) = services.rotate_secret(subscription, actor=make_actor())

    request = delivered(subscription, sink)

    assert verifier(SECRET, request.headers, request.body) == ""
    assert verifier(new.secret, request.headers, request.body) == ""


@pytest.mark.spec("Standard Webhooks", "Verifying webhook timestamp")
@pytest.mark.parametrize(
    ("minutes", "reason"),
    [(-10, "Message timestamp too old"), (10, "Message timestamp too new")],
)
def test_library_refuses_what_a_wrong_clock_has_signed(
    verifier: Verifier, minutes: int, reason: str, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        request = delivered(subscription, sink)

    assert verifier(SECRET, request.headers, request.body) == reason


def test_library_that_knows_only_secrets_refuses_a_public_key_signature(
    verifier: Verifier, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url, signature_scheme="ed25519")

    request = delivered(subscription, sink)

    assert request.headers["webhook-signature"].startswith("v1a,")
    assert verifier(SECRET, request.headers, request.body) == "No matching signature found"


@pytest.mark.spec("GitHub webhooks", "Validating webhook deliveries")
@pytest.mark.parametrize("header", ["X-Signature-256", GITHUB_HEADER])
@pytest.mark.parametrize("secret", [SECRET, "a secret of the receiver's own"])
def test_octokit_accepts_the_plain_signature_and_only_of_this_body(
    node: Node, header: str, secret: str, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url, secret=secret, signature_header=header)

    request = delivered(subscription, sink)

    signature = request.headers[header.lower()]
    _, changed = with_one_byte_changed(request.headers, request.body)
    assert node.judge("octokit", [secret], signature, request.body) == ""
    assert node.judge("octokit", [secret], signature, changed) == "the signature does not fit"
    assert node.judge("octokit", [OTHER_SECRET], signature, request.body) == (
        "the signature does not fit"
    )


def test_octokit_with_a_secret_to_fall_back_to_accepts_every_request_of_a_rotation(
    node: Node, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    new = rotated(subscription)
    during = delivered(subscription, sink)
    sink.requests.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        after = delivered(subscription, sink)

    said = [
        node.judge("octokit", [new.secret, SECRET], each.headers["x-signature-256"], each.body)
        for each in (during, after)
    ]

    assert said == ["", ""]


def rotated(subscription: Subscription) -> NewSecret:
    (new,) = services.rotate_secret(subscription, actor=make_actor(), overlap=timedelta(hours=1))
    return new
