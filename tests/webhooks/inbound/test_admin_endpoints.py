"""Endpoints in the admin: their list, and the form."""

import html
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.ids import new_id
from core.models import AuditEntry, Tenant
from tests.endpoints import SECRET, make_endpoint, make_processed, push
from tests.staff import act, errors_of, make_onlooker, page_of, shown_secret, text_of
from webhooks.admin.traffic import first_id
from webhooks.models import Endpoint, EndpointSecret, Message
from webhooks.redaction import MASK
from webhooks.types import HeaderField

pytestmark = pytest.mark.django_db

ADD: dict[str, Any] = {
    "name": "Code",
    "path": "/webhooks/code/",
    "scheme": "github",
    "enabled": "on",
    "methods": ["POST"],
    "answer_status": "200",
    "answer_content_type": "application/json",
    "answer_body": "{}",
}
DOCUMENTED = """{
  endpoint: '/webhooks/external-service',
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'X-Webhook-Secret': 'your-secret' },
  validation: 'signature'
}"""


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
    assert f"X-Webhook-Secret: {MASK}" in page


def test_the_documented_example_can_be_pasted(acme_staff: Client) -> None:
    answer = acme_staff.post(page_of(Endpoint, "definition"), {"definition": DOCUMENTED})

    assert json.loads(answer.content)["fields"] == {
        "name": "external-service",
        "path": "/webhooks/external-service",
        "methods": ["POST"],
        "expected_headers": "Content-Type: application/json\nX-Webhook-Secret: your-secret",
        "scheme": "hmac",
        "own_secret": "",
    }


def test_a_pasted_definition_that_cannot_be_read_fills_nothing(acme_staff: Client) -> None:
    wrong = DOCUMENTED.replace("'signature'", "'magic'")
    answer = acme_staff.post(page_of(Endpoint, "definition"), {"definition": wrong})

    said = json.loads(answer.content)
    assert list(said) == ["message"]
    assert said["message"].startswith('There is no validation "magic"')
    assert said["message"].endswith("(line 5)")


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


def test_a_secret_that_does_not_fit_stands_at_its_field(acme_staff: Client) -> None:
    wrong = {"scheme": "stripe", "own_secret": "sk_live_1"}

    answer = acme_staff.post(page_of(Endpoint, "add"), ADD | wrong)

    [error] = errors_of(answer)["own_secret"]
    assert error.startswith("This is an API key of Stripe")
    assert not Endpoint.objects.exists()


def test_somebody_must_be_the_sender(acme_staff: Client) -> None:
    answer = acme_staff.post(page_of(Endpoint, "add"), ADD | {"scheme": ""})

    assert errors_of(answer) == {"scheme": ["This field is required."]}
    assert not Endpoint.objects.exists()


def test_only_the_options_of_the_chosen_sender_are_kept(acme_staff: Client) -> None:
    chosen = {
        "scheme": "hmac",
        "option_algorithm": "sha512",
        "option_encoding": "",
        "option_verify_token": "not asked for",
    }

    acme_staff.post(page_of(Endpoint, "add"), ADD | chosen)

    assert Endpoint.objects.get().options == {"algorithm": "sha512"}


def test_options_show_only_for_their_senders(acme_staff: Client) -> None:
    page = html.unescape(text_of(acme_staff.get(page_of(Endpoint, "add"))))

    assert """x-show="['hmac', 'secret_header'].includes(scheme)\"""" in page
    assert """x-show="['meta'].includes(scheme)\"""" in page
    assert "Only for HMAC signature." in page
    assert "Stripe: The signing secret of the endpoint" in page


def test_a_mask_keeps_what_is_stored(acme_staff: Client, tenant: Tenant) -> None:
    headers = [HeaderField(name="X-Api-Key", value="hidden-1")]
    endpoint = make_endpoint(
        tenant, scheme="meta", options={"verify_token": "hidden-2"}, expected_headers=headers
    )
    url = page_of(Endpoint, "change", endpoint.pk)
    page = text_of(acme_staff.get(url))
    saved = ADD | {
        "name": "Renamed",
        "slug": "code",
        "scheme": "meta",
        "expected_headers": f"X-Api-Key: {MASK}",
        "option_verify_token": MASK,
    }

    answer = acme_staff.post(url, saved)

    endpoint.refresh_from_db()
    assert answer.status_code == 302
    assert "hidden-" not in page
    assert (endpoint.name, endpoint.expected_headers) == ("Renamed", headers)
    assert endpoint.options == {"verify_token": "hidden-2"}
    assert AuditEntry.objects.filter(action="endpoint.updated", target_id=endpoint.pk).count() == 1


def test_what_is_usual_with_the_sender_is_shown(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    page = text_of(acme_staff.get(page_of(Endpoint, "change", endpoint.pk)))

    assert 'placeholder="header:X-GitHub-Delivery"' in page
    assert 'placeholder="header:X-GitHub-Event"' in page
    assert f'id="url-{endpoint.pk}">http://127.0.0.1:8000/in/acme/webhooks/code<' in page


def test_the_url_follows_the_tenant_that_an_operator_chooses(
    operator: Client, tenant: Tenant
) -> None:
    page = html.unescape(text_of(operator.get(page_of(Endpoint, "add"))))

    assert f'({{"{tenant.pk}": "acme"}}[tenant] ?? ' in page


def test_the_list_counts_what_came_and_what_was_refused(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    make_endpoint(tenant, name="Quiet", path="quiet")
    for delivery in ("d-1", "d-2"):
        push(endpoint, delivery)
    for _ in range(3):
        push(endpoint, secret="another secret altogether")

    page = text_of(acme_staff.get(page_of(Endpoint, "changelist")))

    assert 'aria-label="2 received by Code"' in page
    assert 'aria-label="3 refused by Code"' in page
    assert 'aria-label="0 received by Quiet"' in page
    assert "refused by Quiet" not in page
    assert "never" in page


def test_what_came_long_ago_is_not_counted(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    message = make_processed(endpoint)
    Message.objects.filter(pk=message.pk).delete()
    message.pk = "msg_01gn69000000000000000000zz"  # of the year 2023
    message.save(force_insert=True)

    page = text_of(acme_staff.get(page_of(Endpoint, "changelist")))

    assert 'aria-label="0 received by Code"' in page


def test_no_id_made_later_comes_before_that_of_a_moment() -> None:
    before = new_id("msg")
    moment = timezone.now()
    after = [new_id("msg") for _ in range(100)]

    assert first_id(moment) <= min(after)
    assert first_id(moment.replace(year=moment.year + 1)) > max(after) > before


def test_an_endpoint_without_its_secret_says_so(acme_staff: Client) -> None:
    acme_staff.post(page_of(Endpoint, "add"), ADD | {"scheme": "stripe"})
    url = page_of(Endpoint, "change", Endpoint.objects.get().pk)

    listed = text_of(acme_staff.get(page_of(Endpoint, "changelist")))
    page = text_of(acme_staff.get(url))
    act(acme_staff, Endpoint, "replace_secret", Endpoint.objects.get().pk, secret="whsec_1234")
    page_afterwards = text_of(acme_staff.get(url))

    assert "every request is refused" in listed
    assert "Every request is refused" in page
    assert "Every request is refused" not in page_afterwards


def test_who_may_only_look_sees_no_secret(tenant: Tenant) -> None:
    endpoint = make_endpoint(
        tenant,
        scheme="meta",
        options={"verify_token": "hidden-1"},
        expected_headers=[{"name": "X-Api-Key", "value": "hidden-2"}],
    )
    onlooker = make_onlooker(tenant)

    page = text_of(onlooker.get(page_of(Endpoint, "change", endpoint.pk)))
    refused = [
        onlooker.post(page_of(Endpoint, name, endpoint.pk), {"sure": "yes"}).status_code
        for name in ("replace_secret", "send_sample", "change")
    ]
    refused.append(onlooker.post(page_of(Endpoint, "definition")).status_code)

    assert f"X-Api-Key: {MASK}" in page
    assert "hidden-" not in page
    assert SECRET not in page
    assert refused == [403, 403, 403, 403]
    assert (Message.objects.count(), EndpointSecret.objects.count()) == (0, 1)


def test_strangers_find_no_endpoint(globex_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    statuses = [
        act(globex_staff, Endpoint, name, endpoint.pk).status_code
        for name in ("replace_secret", "send_sample")
    ]

    assert statuses == [404, 404]
    assert (Message.objects.count(), EndpointSecret.objects.count()) == (0, 1)


def test_a_deleted_endpoint_is_gone_with_its_messages(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    make_processed(endpoint)

    acme_staff.post(page_of(Endpoint, "delete", endpoint.pk), {"post": "yes"})

    assert not Endpoint.objects.exists()
    assert not Message.objects.exists()
    assert not EndpointSecret.objects.exists()
