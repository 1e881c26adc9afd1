"""Refusals in the admin: why, and what can be done about it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.utils import quote
from django.test import Client

from core.models import Tenant
from tests.endpoints import make_endpoint, push
from tests.staff import page_of, text_of
from webhooks.admin.refusals import REASONS
from webhooks.models import Refusal

pytestmark = pytest.mark.django_db


def refuse(tenant: Tenant) -> Refusal:
    """Have an endpoint of ``tenant`` refuse a request, and return what was counted."""
    push(make_endpoint(tenant), secret="another secret altogether")
    refusal: Refusal = Refusal.objects.get()
    return refusal


def test_a_refusal_says_what_to_do(acme_staff: Client, tenant: Tenant) -> None:
    refusal = refuse(tenant)

    page = text_of(acme_staff.get(page_of(Refusal, "change", refusal.pk)))

    assert "The secrets differ, or something on the way has changed the body" in page
    assert "Sent from" in page
    assert "Ip address" not in page


def test_a_reason_that_is_not_known_is_shown_as_it_is(acme_staff: Client, tenant: Tenant) -> None:
    refusal = refuse(tenant)
    Refusal.objects.update(reason="of_another_version")

    page = acme_staff.get(page_of(Refusal, "change", refusal.pk))

    assert page.status_code == 200
    assert "of_another_version" in text_of(page)


def test_every_documented_reason_has_its_words() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "inbound-webhooks.md").read_text()
    table = page.partition("| `reason` | what to do |")[2].partition("\n\n")[0]

    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert documented == list(REASONS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"reason": "wrong_signature"}, True),
        ({"reason": "no_signature"}, False),
        ({"reason": "of another kind"}, True),
        ({"q": "/in/acme/webhooks/code"}, True),
        ({"q": "wrong_signature"}, False),
    ],
)
def test_the_list_of_refusals_is_narrowed(
    acme_staff: Client, tenant: Tenant, query: dict[str, str], found: bool
) -> None:
    refusal = refuse(tenant)

    page = text_of(acme_staff.get(page_of(Refusal, "changelist"), query))

    assert (f"/{quote(refusal.pk)}/change/" in page) is found


def test_reasons_are_offered_in_words(acme_staff: Client, tenant: Tenant) -> None:
    refuse(tenant)

    page = text_of(acme_staff.get(page_of(Refusal, "changelist")))

    assert [reason.words for reason in REASONS.values() if reason.words not in page] == []
