"""Sending samples to endpoints from the admin."""

import pytest
from django.test import Client

from core.models import AuditEntry, Event, Tenant
from tests.endpoints import make_endpoint
from tests.makers import make_actor
from tests.staff import act, page_of, text_of
from webhooks.errors import SampleRefusedError
from webhooks.inbound import processing
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, Message, Refusal
from webhooks.services import send_endpoint_sample
from webhooks.types import EndpointFields

pytestmark = pytest.mark.django_db

STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {
    "basic": "sender:a long password",
    "gitlab": STANDARD,
    "microsoft_graph": "known-to-both",
    "standard_webhooks": STANDARD,
    "stripe": STANDARD,
    "svix": STANDARD,
}
OPTIONS = {"meta": {"verify_token": "known to both"}}
SIGNED_BY_US = [name for name, scheme in SCHEMES.items() if not scheme.verifies_only]
SIGNED_BY_THEM = [name for name, scheme in SCHEMES.items() if scheme.verifies_only]


def endpoint_of(tenant: Tenant, scheme: str, **fields: object) -> Endpoint:
    """Return an endpoint of a scheme, with a secret that suits it where we could sign with one."""
    secret = SECRETS.get(scheme, "a secret that suits nearly all")
    wanted = EndpointFields(scheme=scheme, options=OPTIONS.get(scheme, {}))
    wanted.update(fields)  # type: ignore[typeddict-item]  # what a test says
    if SCHEMES[scheme].verifies_only:
        secret = ""
    return make_endpoint(tenant, secret=secret, **wanted)


@pytest.mark.parametrize("scheme", SIGNED_BY_US)
def test_each_sample_is_a_message_of_its_own(
    acme_staff: Client, tenant: Tenant, scheme: str
) -> None:
    endpoint = endpoint_of(tenant, scheme)

    pages = [text_of(act(acme_staff, Endpoint, "send_sample", endpoint.pk)) for _ in range(2)]

    messages = Message.objects.filter(endpoint=endpoint)
    assert all("The sample was received." in page for page in pages)
    assert all("It was answered 200" in page for page in pages)
    assert [message.repeats for message in messages] == [0, 0]
    assert page_of(Message, "change", messages[0].pk) in pages[1]


@pytest.mark.parametrize("scheme", SIGNED_BY_THEM)
def test_of_a_public_key_it_is_said_that_only_the_sender_can_sign(
    acme_staff: Client, tenant: Tenant, scheme: str
) -> None:
    endpoint = endpoint_of(tenant, scheme)
    words = f"Only {SCHEMES[scheme].label} itself can sign"

    asked = text_of(acme_staff.get(page_of(Endpoint, "send_sample", endpoint.pk)))
    sent = text_of(act(acme_staff, Endpoint, "send_sample", endpoint.pk))

    assert (words in asked, words in sent) == (True, True)
    assert 'name="sure"' not in asked
    assert (Message.objects.count(), Refusal.objects.count()) == (0, 0)


def test_a_sample_becomes_an_event_and_is_recorded(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    act(acme_staff, Endpoint, "send_sample", endpoint.pk)
    processing.process()

    [entry] = AuditEntry.objects.filter(action="endpoint.sample_sent")
    assert Event.objects.get(type="inbound.code.ping").data["sample"] is True
    assert Message.objects.get().sample
    assert (entry.target_id, entry.actor_label) == (endpoint.pk, "ann@example.com")
    assert entry.details == {"status": 200}


@pytest.mark.parametrize("network", ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"])
def test_allowed_addresses_do_not_keep_a_sample_out(tenant: Tenant, network: str) -> None:
    endpoint = make_endpoint(tenant, allowed_networks=[network])

    outcome = send_endpoint_sample(endpoint, actor=make_actor())

    assert outcome.status_code == 200
    assert outcome.message == Message.objects.get()


def test_a_sample_carries_the_expected_headers(tenant: Tenant) -> None:
    headers = [{"name": "X-Team", "value": "blue"}, {"name": "X-Any", "value": ""}]
    endpoint = endpoint_of(
        tenant, "hmac", expected_headers=headers, options={"signed": "{header:X-Team}.{body}"}
    )

    outcome = send_endpoint_sample(endpoint, actor=make_actor())

    assert outcome.text == "The sample was received."


def test_a_sample_that_cannot_be_signed_is_not_sent(tenant: Tenant) -> None:
    endpoint = endpoint_of(tenant, "hmac", options={"signed": "{header:X-Team}.{body}"})

    with pytest.raises(SampleRefusedError, match="The header X-Team is missing"):
        send_endpoint_sample(endpoint, actor=make_actor())

    assert not AuditEntry.objects.filter(action="endpoint.sample_sent").exists()


def test_without_a_secret_nothing_can_be_signed(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="stripe", secret="")

    page = text_of(act(acme_staff, Endpoint, "send_sample", endpoint.pk))

    assert "The endpoint has no secret yet, so nothing can be signed." in page
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "words", "status"),
    [
        ({"enabled": False}, "or it is switched off.", 401),
        ({"rate_limit": 1}, "takes no more requests for", 429),
    ],
)
def test_a_sample_is_refused_like_any_other_request(
    acme_staff: Client, tenant: Tenant, fields: dict[str, object], words: str, status: int
) -> None:
    endpoint = endpoint_of(tenant, "github", **fields)
    first = send_endpoint_sample(endpoint, actor=make_actor())

    page = text_of(act(acme_staff, Endpoint, "send_sample", endpoint.pk))

    assert words in page
    assert f"It was answered {status}" in page
    assert Message.objects.count() == (first.message is not None)
