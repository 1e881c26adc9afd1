"""Changing who sends to an endpoint, and what its form says, in the admin."""

from typing import Any

import pytest
from django.test import Client

from core.models import Tenant
from tests.endpoints import SECRET, make_endpoint, push
from tests.staff import act, errors_of, page_of, text_of
from webhooks.models import Endpoint, Message

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "name": "Code",
    "path": "webhooks/code",
    "scheme": "github",
    "enabled": "on",
    "methods": ["POST"],
    "answer_status": "200",
    "answer_content_type": "application/json",
    "answer_body": "{}",
}
KEY = "ab" * 32  # in hexadecimal, as Discord's public keys are


def save(browser: Client, endpoint: Endpoint, **changed: Any) -> Any:
    """Save the form of an endpoint with what was changed, and return the page after it."""
    url = page_of(Endpoint, "change", endpoint.pk)
    return browser.post(url, FORM | {"slug": endpoint.slug} | changed, follow=True)


def test_a_stored_secret_that_does_not_fit_the_new_sender_stands_there(
    acme_staff: Client, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)

    answer = save(acme_staff, endpoint, scheme="discord")

    [error] = errors_of(answer)["scheme"]
    endpoint.refresh_from_db()
    assert error == (
        "The stored secret does not fit Discord: A public key of Discord has 64 digits of hexadecimal."
        " Replace it first, the old one to be believed for 0 hours; or create another endpoint."
    )
    assert error in text_of(answer)
    assert endpoint.scheme == "github"


def test_a_sender_is_changed_once_its_secret_is_there(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    act(acme_staff, Endpoint, "replace_secret", endpoint.pk, secret=KEY, overlap_hours="0")

    save(acme_staff, endpoint, scheme="discord")

    endpoint.refresh_from_db()
    assert endpoint.scheme == "discord"


def test_secrets_that_go_to_another_sender_are_warned_of(
    acme_staff: Client, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant, scheme="stripe")

    changed = text_of(save(acme_staff, endpoint, scheme="github"))
    unchanged = text_of(save(acme_staff, endpoint, name="Renamed"))

    warning = "The secret that was entered for Stripe now belongs to GitHub."
    link = f'<a class="text-link" href="{page_of(Endpoint, "replace_secret", endpoint.pk)}">'
    assert warning in changed
    assert f"every request is refused: {link}replace it</a>." in changed
    assert warning not in unchanged


def test_without_a_secret_nothing_is_warned_of(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="stripe", secret="")

    changed = text_of(save(acme_staff, endpoint, scheme="shopify"))

    assert "now belongs to" not in changed


def test_the_button_says_whether_there_is_a_secret_to_replace(
    acme_staff: Client, tenant: Tenant
) -> None:
    lacking = make_endpoint(tenant, scheme="stripe", secret="")
    having = make_endpoint(tenant, path="other")

    pages = [
        text_of(acme_staff.get(page_of(Endpoint, "change", each.pk))) for each in (lacking, having)
    ]

    assert ["Replace the secret" in page for page in pages] == [False, True]


def test_a_sample_leads_to_the_secret_that_is_lacking(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="stripe", secret="")

    page = text_of(acme_staff.get(page_of(Endpoint, "send_sample", endpoint.pk)))

    assert f'href="{page_of(Endpoint, "replace_secret", endpoint.pk)}">Enter the secret<' in page
    assert 'name="sure"' not in page


def test_a_word_that_is_taken_is_called_as_its_field(acme_staff: Client, tenant: Tenant) -> None:
    make_endpoint(tenant, path="other", slug="shop")

    answer = acme_staff.post(page_of(Endpoint, "add"), FORM | {"slug": "shop"})

    assert errors_of(answer) == {
        "slug": ["Another endpoint of yours has this word in its events; choose a different one."]
    }
    assert Endpoint.objects.count() == 1


def test_a_path_that_is_taken_is_not_shown_as_the_url(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    make_endpoint(tenant, path="taken")

    answer = save(acme_staff, endpoint, path="taken")

    assert list(errors_of(answer)) == ["path"]
    assert f'id="url-{endpoint.pk}">http://127.0.0.1:8000/in/acme/webhooks/code<' in text_of(answer)


def test_everything_that_is_wrong_is_said_at_once(acme_staff: Client, tenant: Tenant) -> None:
    make_endpoint(tenant)
    wrong = {
        "expected_headers": "no header",
        "allowed_networks": "nowhere",
        "message_key": "the id",
        "scheme": "",
    }

    errors = errors_of(acme_staff.post(page_of(Endpoint, "add"), FORM | wrong))

    assert sorted(errors) == [
        "allowed_networks",
        "expected_headers",
        "message_key",
        "path",
        "scheme",
    ]
    assert [len(each) for each in errors.values()] == [1] * 5
    assert Endpoint.objects.count() == 1


def test_the_form_says_what_a_path_is(acme_staff: Client, operator: Client, tenant: Tenant) -> None:
    own = text_of(acme_staff.get(page_of(Endpoint, "add")))
    of_several = text_of(operator.get(page_of(Endpoint, "add")))

    assert "What follows /in/acme/, such as github." in own
    assert "What follows /in/&lt;tenant&gt;/, such as github." in of_several


def test_only_a_new_endpoint_has_its_path_proposed(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    new = text_of(acme_staff.get(page_of(Endpoint, "add")))
    existing = text_of(acme_staff.get(page_of(Endpoint, "change", endpoint.pk)))

    proposal = "$watch(&#x27;name&#x27;"
    assert (proposal in new, proposal in existing) == (True, False)


def test_samples_are_marked_as_such(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    push(endpoint)
    act(acme_staff, Endpoint, "send_sample", endpoint.pk)
    real, sample = Message.objects.order_by("pk")

    listed = text_of(acme_staff.get(page_of(Message, "changelist")))
    pages = [
        text_of(acme_staff.get(page_of(Message, "change", each.pk))) for each in (real, sample)
    ]

    assert listed.count("a sample, sent from here") == 1
    assert ["here, as a sample" in page for page in pages] == [False, True]
    assert SECRET not in listed
