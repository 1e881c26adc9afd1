"""Replacing the secrets of endpoints in the admin."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Tenant
from tests.endpoints import SECRET, make_endpoint, push
from tests.staff import act, page_of, shown_secret, text_of
from webhooks.admin.endpoint_secrets import time_left
from webhooks.models import Endpoint, EndpointSecret

pytestmark = pytest.mark.django_db


def live_secrets(endpoint: Endpoint) -> list[str]:
    """Return the secrets in force, the newest first."""
    rows = EndpointSecret.objects.filter(endpoint=endpoint).live(timezone.now())
    return [row.secret for row in rows]


def test_a_replaced_secret_is_shown_once(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    acme_staff.post(
        page_of(Endpoint, "replace_secret", endpoint.pk), {"secret": "", "overlap_hours": "24"}
    )

    secret = shown_secret(acme_staff)
    page = text_of(acme_staff.get(page_of(Endpoint, "change", endpoint.pk)))
    assert live_secrets(endpoint) == [secret, SECRET]
    assert "in force until it is replaced" in page
    assert re.search(r"replaced, ends in <time [^>]+>24 hours<", page)
    assert secret not in page


def test_an_old_secret_can_be_refused_at_once(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    own = {"secret": "one of our own making", "overlap_hours": "0"}

    page = act(acme_staff, Endpoint, "replace_secret", endpoint.pk, **own)

    assert "The secret is saved." in text_of(page)
    assert live_secrets(endpoint) == ["one of our own making"]
    assert push(endpoint, secret=SECRET).status_code == 401
    assert push(endpoint, secret="one of our own making").status_code == 200


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"overlap_hours": "169"}, "less than or equal to 168"),
        ({"overlap_hours": "-1"}, "greater than or equal to 0"),
        ({"overlap_hours": "soon"}, "Enter a whole number."),
        ({"secret": "x" * 5_000}, "A secret has 8 to 4096 characters"),
    ],
)
def test_what_does_not_fit_replaces_nothing(
    acme_staff: Client, tenant: Tenant, entered: dict[str, str], words: str
) -> None:
    endpoint = make_endpoint(tenant)

    page = act(acme_staff, Endpoint, "replace_secret", endpoint.pk, **entered)

    assert words in text_of(page)
    assert live_secrets(endpoint) == [SECRET]


def test_a_secret_that_the_sender_makes_must_be_entered(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="stripe", secret="")

    asked = text_of(acme_staff.get(page_of(Endpoint, "replace_secret", endpoint.pk)))
    empty = act(acme_staff, Endpoint, "replace_secret", endpoint.pk, secret="")
    wrong = act(acme_staff, Endpoint, "replace_secret", endpoint.pk, secret="sk_live_1")
    act(acme_staff, Endpoint, "replace_secret", endpoint.pk, secret=" whsec_1234 ")

    assert "Enter the secret of Code" in asked
    assert "overlap_hours" not in asked
    assert "This field is required." in text_of(empty)
    assert "This is an API key of Stripe" in text_of(wrong)
    assert live_secrets(endpoint) == ["whsec_1234"]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=24) - timedelta(seconds=1), "24 hours"),
        (timedelta(hours=168), "168 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=59, seconds=50), "1 hour"),
        (timedelta(minutes=59, seconds=20), "59 minutes"),
        (timedelta(seconds=5), "1 minute"),
    ],
)
def test_the_time_left_is_rounded(left: timedelta, words: str) -> None:
    now = timezone.now()

    assert time_left(now + left, now) == words
