"""Messages and refusals in the admin: looked at."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from core.models import Tenant
from tests.endpoints import SECRET, make_endpoint, make_message, make_processed, post, push, signed
from tests.staff import page_of, text_of
from webhooks.admin.requests import SHOWN_BYTES, pretty_body
from webhooks.models import Message, Refusal

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


def page_about(browser: Client, tenant: Tenant, body: bytes, kind: str) -> str:
    """Return the page of a message with ``body``."""
    endpoint = make_endpoint(tenant)
    assert post(endpoint, signed(endpoint, body, {"content-type": kind})).status_code == 200
    return text_of(browser.get(page_of(Message, "change", Message.objects.get().pk)))


def test_a_message_is_inspected(acme_staff: Client, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))
    push(message.endpoint)

    page = text_of(acme_staff.get(page_of(Message, "change", message.pk)))
    listed = text_of(acme_staff.get(page_of(Message, "changelist")))

    assert "<li>The signature matched secret 1 of 1</li>" in page
    assert "POST /in/acme/webhooks/code" in page
    assert 'data-label="Header" class="patchbay-code">x-github-event<' in page
    assert 'data-label="Value" class="patchbay-code">push<' in page
    assert "&quot;ref&quot;: &quot;refs/heads/main&quot;" in page
    assert "200 application/json" in page
    assert "once more, the last one" in page
    assert f"/admin/core/event/{message.event_id}/" in page
    assert SECRET not in page
    assert "inbound.code.push" in listed


def test_a_form_is_shown_as_a_table(acme_staff: Client, tenant: Tenant) -> None:
    body = urlencode([("To", "+1555<b>"), ("tag", "a"), ("tag", "b")]).encode()

    page = page_about(acme_staff, tenant, body, FORM)

    cells = [f'data-label="Value" class="patchbay-code">{value}<' for value in ("a", "b")]
    assert 'data-label="Field" class="patchbay-code">To<' in page
    assert "+1555&lt;b&gt;" in page
    assert [page.count(cell) for cell in cells] == [1, 1]


def test_bytes_are_shown_as_hexadecimal(acme_staff: Client, tenant: Tenant) -> None:
    page = page_about(acme_staff, tenant, bytes(range(256)) * 20, "image/x-icon")

    assert "0040 40 41 42 43 44 45 46 47  @ABCDEFG" in page
    assert "5,120 bytes that are no text" in page
    assert "0200 " not in page


def test_text_is_shown_as_it_is(acme_staff: Client, tenant: Tenant) -> None:
    page = page_about(acme_staff, tenant, b"Gr\xc3\xbc\xc3\x9fe <script>", "text/plain")

    assert "Grüße &lt;script&gt;" in page


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"text": "' + b"x" * 150_000 + b'"}', "it has 150,012 bytes"),
        (b"\xff" * 150_000, "150,000 bytes that are no text"),
        ("ä".encode() * 100_000, "it has 200,000 bytes"),
        (b"x" + "ä".encode() * 100_000, "it has 200,001 bytes"),
    ],
)
def test_of_a_long_body_the_beginning_is_shown(body: bytes, words: str) -> None:
    shown = pretty_body([("content-type", "application/json")], body)

    assert words in shown
    assert len(shown) < SHOWN_BYTES + 2_000


def test_what_grows_when_it_is_laid_out_is_bounded() -> None:
    deep = b"[" * 30 + b",".join([b"1"] * 40_000) + b"]" * 30

    shown = pretty_body([], deep)

    assert "Its beginning, as laid out here." in shown
    assert len(shown) < SHOWN_BYTES + 2_000


def test_nothing_is_shown_of_what_was_erased(acme_staff: Client, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))
    Message.objects.filter(pk=message.pk).update(body=None)

    page = text_of(acme_staff.get(page_of(Message, "change", message.pk)))

    assert "erased" in page
    assert "refs/heads/main" not in page


def test_a_secret_in_the_body_is_not_shown(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="microsoft_graph", secret="told-to-graph-once")
    notices = {"value": [{"changeType": "updated", "resource": "me"}]}
    post(endpoint, signed(endpoint, json.dumps(notices).encode(), secret="told-to-graph-once"))

    page = text_of(acme_staff.get(page_of(Message, "change", Message.objects.get().pk)))

    assert "&quot;clientState&quot;: &quot;••••••&quot;" in page
    assert "told-to-graph-once" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state__exact": "received"}, ["d-2"]),
        ({"state__exact": "processed"}, ["d-1"]),
        ({"received": "1h"}, ["d-1", "d-2"]),
        ({"q": "inbound.code"}, ["d-1"]),
        ({"q": "d-2"}, ["d-2"]),
    ],
)
def test_the_list_is_narrowed(
    acme_staff: Client, tenant: Tenant, query: dict[str, str], found: list[str]
) -> None:
    endpoint = make_endpoint(tenant)
    keys = {make_processed(endpoint).pk: "d-1", make_message(endpoint, "d-2").pk: "d-2"}

    page = text_of(acme_staff.get(page_of(Message, "changelist"), query))

    assert [key for pk, key in keys.items() if f"/{pk}/" in page] == found


def test_refusals_show_why(acme_staff: Client, tenant: Tenant) -> None:
    push(make_endpoint(tenant), secret="another secret altogether")

    listed = text_of(acme_staff.get(page_of(Refusal, "changelist")))
    page = text_of(acme_staff.get(page_of(Refusal, "change", Refusal.objects.get().pk)))

    assert "wrong signature" in listed
    assert "No signature matches any of the secrets" in page
    assert 'data-label="Header" class="patchbay-code">x-github-delivery<' in page
    assert "refs/heads/main" in page


def test_the_list_is_sorted_by_the_column_it_says(acme_staff: Client, tenant: Tenant) -> None:
    make_message(make_endpoint(tenant))

    changes = acme_staff.get(page_of(Message, "changelist")).context["cl"]

    [column] = changes.get_ordering_field_columns()
    assert changes.list_display[column] == "came"
