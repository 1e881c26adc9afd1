"""Endpoints, messages and refusals in the admin."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Event, Tenant
from tests.endpoints import SECRET, make_endpoint, make_processed, push
from tests.staff import errors_of, page_of, shown_secret, text_of
from webhooks.inbound import processing
from webhooks.models import Endpoint, EndpointSecret, Message, Refusal

pytestmark = pytest.mark.django_db

ADD = {
    "name": "Code",
    "path": "/webhooks/code/",
    "scheme": "github",
    "enabled": "on",
    "methods": ["POST"],
    "answer_status": "200",
    "answer_content_type": "application/json",
    "answer_body": "{}",
}


def act(browser: Client, model: Any, action: str, key: str, **data: str) -> Any:
    """Press the button of an action on one row and say yes; return the page after it."""
    opts = model._meta
    name = f"admin:{opts.app_label}_{opts.model_name}_{action}"
    return browser.post(reverse(name, args=[key]), {"sure": "yes", **data}, follow=True)


def test_a_new_endpoint_gets_a_secret_that_is_shown_once(
    acme_staff: Client, tenant: Tenant
) -> None:
    answer = acme_staff.post(page_of(Endpoint, "add"), ADD)

    endpoint = Endpoint.objects.get()
    secret = shown_secret(acme_staff)
    assert answer.status_code == 302
    assert (endpoint.tenant, endpoint.path, endpoint.slug) == (tenant, "webhooks/code", "code")
    assert EndpointSecret.objects.get().secret == secret
    assert push(endpoint, secret=secret).status_code == 200


def test_the_documented_example_can_be_entered(acme_staff: Client) -> None:
    entered = {
        "path": "/webhooks/external-service",
        "scheme": "hmac",
        "expected_headers": "Content-Type: application/json\nX-Webhook-Secret: your-secret",
    }
    acme_staff.post(page_of(Endpoint, "add"), ADD | entered)

    endpoint = Endpoint.objects.get()
    page = text_of(acme_staff.get(page_of(Endpoint, "change", endpoint.pk)))

    assert endpoint.slug == "external_service"
    assert endpoint.expected_headers == [
        {"name": "Content-Type", "value": "application/json"},
        {"name": "X-Webhook-Secret", "value": "your-secret"},
    ]
    assert "your-secret" not in page
    assert "X-Webhook-Secret: ••••••" in page


def test_what_does_not_fit_stands_at_its_field(acme_staff: Client, tenant: Tenant) -> None:
    make_endpoint(tenant)
    wrong = {
        "allowed_networks": "192.0.2.0/24\nnowhere",
        "scheme": "hmac",
        "option_signed": "{timestamp}",
        "own_secret": "",
    }

    answer = acme_staff.post(page_of(Endpoint, "add"), ADD | wrong)

    errors = errors_of(answer)
    assert errors["path"] == ["Another endpoint of yours has this path; choose a different one."]
    assert errors["allowed_networks"][0].startswith("Line 2: Write an address or a network")
    assert errors["option_signed"] == ["This holds {body}: what is not signed may be anything."]
    assert Endpoint.objects.count() == 1


def test_an_endpoint_without_its_secret_says_so(acme_staff: Client) -> None:
    acme_staff.post(page_of(Endpoint, "add"), ADD | {"scheme": "stripe"})
    endpoint = Endpoint.objects.get()

    listed = text_of(acme_staff.get(page_of(Endpoint, "changelist")))
    page = text_of(acme_staff.get(page_of(Endpoint, "change", endpoint.pk)))
    wrong = act(acme_staff, Endpoint, "replace_secret", endpoint.pk, secret="sk_live_1")
    act(acme_staff, Endpoint, "replace_secret", endpoint.pk, secret="whsec_1234")

    assert "every request is refused" in listed
    assert "every request is refused" in page
    assert "This is an API key of Stripe" in text_of(wrong)
    assert EndpointSecret.objects.get().secret == "whsec_1234"


def test_a_replaced_secret_is_shown_once(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    url = reverse("admin:webhooks_endpoint_replace_secret", args=[endpoint.pk])

    acme_staff.post(url, {"sure": "yes", "secret": ""})

    secret = shown_secret(acme_staff)
    live = EndpointSecret.objects.filter(endpoint=endpoint).live(timezone.now())
    assert [row.secret for row in live] == [secret, SECRET]


def test_a_sample_is_received_like_any_other_request(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, allowed_networks=["192.0.2.0/24"])

    pages = [act(acme_staff, Endpoint, "send_sample", endpoint.pk) for _ in range(2)]
    processing.process()

    assert all("The sample was received." in text_of(page) for page in pages)
    assert Message.objects.filter(endpoint=endpoint, state="processed").count() == 2
    assert Event.objects.filter(type="inbound.code.ping").count() == 2


@pytest.mark.parametrize("scheme", ["slack", "stripe", "hmac", "sendgrid", "microsoft_graph"])
def test_a_sample_says_what_became_of_it(acme_staff: Client, tenant: Tenant, scheme: str) -> None:
    endpoint = make_endpoint(tenant, scheme=scheme, secret="" if scheme == "sendgrid" else SECRET)

    page = text_of(act(acme_staff, Endpoint, "send_sample", endpoint.pk))

    if scheme == "sendgrid":
        assert "Only SendGrid itself can sign" in page
    else:
        assert "The sample was received." in page
    assert Message.objects.count() == (scheme != "sendgrid")


def test_a_message_is_inspected_and_replayed(acme_staff: Client, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))

    page = text_of(acme_staff.get(page_of(Message, "change", message.pk)))
    act(acme_staff, Message, "replay", message.pk)
    processing.process()

    assert "The signature matched secret 1 of 1" in page
    assert "x-github-event: push" in page
    assert re.search(r"refs/heads/main", page)
    assert SECRET not in page
    assert Event.objects.filter(type="inbound.code.push").count() == 2


def test_refusals_show_why(acme_staff: Client, tenant: Tenant) -> None:
    push(make_endpoint(tenant), secret="another secret altogether")

    listed = text_of(acme_staff.get(page_of(Refusal, "changelist")))
    page = text_of(acme_staff.get(page_of(Refusal, "change", Refusal.objects.get().pk)))

    assert "wrong signature" in listed
    assert "No signature matches any of the secrets" in page


def test_strangers_find_nothing(globex_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    message = make_processed(endpoint)
    for action, model, key in (
        ("replace_secret", Endpoint, endpoint.pk),
        ("send_sample", Endpoint, endpoint.pk),
        ("replay", Message, message.pk),
    ):
        assert act(globex_staff, model, action, key).status_code == 404

    assert Message.objects.get().state == "processed"
    assert EndpointSecret.objects.count() == 1


def test_a_deleted_endpoint_is_gone_with_its_messages(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    make_processed(endpoint)

    acme_staff.post(page_of(Endpoint, "delete", endpoint.pk), {"post": "yes"})

    assert not Endpoint.objects.exists()
    assert not Message.objects.exists()
    assert not EndpointSecret.objects.exists()
