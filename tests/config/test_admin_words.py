"""The words of the admin are the same in the side bar, at the head of a page and on it."""

import re

import pytest
from django.conf import LazySettings
from django.db import models
from django.template.loader import render_to_string
from django.test import Client

from core.models import ApiKey, AuditEntry, Event, Tenant
from records.models import RecordType
from tests.staff import PASSWORD, make_staff, page_of, text_of
from tests.subscriptions import make_delivery, make_subscription
from webhooks.models import Delivery

PLACE = re.compile(
    r'class="align-middle inline-block leading-5 min-w-0 truncate tracking-tight">\s*(.*?)\s*</'
)


def places(browser: Client, model: type[models.Model], page: str, *arguments: object) -> list[str]:
    """Return the titles at the head of a page, from the group to the row."""
    return PLACE.findall(text_of(browser.get(page_of(model, page, *arguments))))


@pytest.mark.parametrize(
    ("model", "page", "expected"),
    [
        (ApiKey, "changelist", ["Access", "API keys"]),
        (ApiKey, "add", ["Access", "API keys", "Add API key"]),
        (AuditEntry, "changelist", ["Monitoring", "Audit trail"]),
        (Event, "changelist", ["Events"]),
        (RecordType, "changelist", ["Records", "Record types"]),
    ],
)
def test_page_is_headed_by_the_words_of_the_side_bar(
    acme_staff: Client, model: type[models.Model], page: str, expected: list[str]
) -> None:
    assert places(acme_staff, model, page) == expected


def test_id_at_the_head_of_a_page_is_not_capitalized(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))

    found = places(acme_staff, Delivery, "change", delivery.pk)

    assert found == ["Webhooks", "Deliveries", delivery.pk]


def test_page_for_adding_offers_no_other_page_for_adding(acme_staff: Client) -> None:
    address = page_of(ApiKey, "add")

    page, rows = acme_staff.get(address), acme_staff.get(page_of(ApiKey, "changelist"))

    assert f'href="{address}"' not in text_of(page)
    assert f'href="{address}"' in text_of(rows)


def test_list_of_one_page_says_how_much_there_is(acme_staff: Client, tenant: Tenant) -> None:
    make_delivery(make_subscription(tenant))

    page = text_of(acme_staff.get(page_of(Delivery, "changelist")))

    assert '<div class="py-4">1 delivery</div>' in page
    assert "Previous" not in page


def test_longer_list_leads_to_its_next_page(acme_staff: Client, tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    for _ in range(51):
        make_delivery(subscription)

    first = text_of(acme_staff.get(page_of(Delivery, "changelist")))
    second = text_of(acme_staff.get(page_of(Delivery, "changelist"), {"p": 2}))

    assert ("Page 1" in first, "Next</a>" in first, "Previous</a>" in first) == (True, True, False)
    assert ("Page 2" in second, "Next</a>" in second, "Previous</a>" in second) == (
        True,
        False,
        True,
    )


@pytest.mark.django_db
def test_wrong_password_is_answered_by_one_sentence() -> None:
    make_staff("ann")

    page = text_of(
        Client().post("/admin/login/", {"username": "ann@example.com", "password": "a guess"})
    )

    assert "The name or the password is not right, or may not sign in here." in page
    assert "Please correct" not in page
    assert "E-mail address or user name" in page
    assert "Sign in <span" in page


@pytest.mark.django_db
def test_empty_sign_in_names_what_is_missing() -> None:
    page = text_of(Client().post("/admin/login/", {"username": "ann@example.com"}))

    assert "Please correct the error below." in page
    assert "This field is required." in page


@pytest.mark.django_db
def test_right_password_signs_in() -> None:
    make_staff("ann")

    answer = Client().post(
        "/admin/login/?next=/admin/", {"username": "ann@example.com", "password": PASSWORD}
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_moments_say_that_they_are_in_utc(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))

    page = text_of(acme_staff.get(page_of(Delivery, "change", delivery.pk)))

    assert delivery.created_at.strftime("%Y-%m-%d %H:%M:%S UTC") in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/admin"])
def test_short_addresses_lead_to_the_admin(path: str, settings: LazySettings) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_state_of_a_delivery_is_a_badge_on_its_page_too(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    badge = render_to_string("webhooks/state.html", {"state": "pending"}).strip()

    page = text_of(acme_staff.get(page_of(Delivery, "change", delivery.pk)))

    assert "orange" in badge
    assert badge in page
    assert page.count(">Attempts<") <= 1


def test_account_in_the_corner_is_named_once(acme_staff: Client) -> None:
    page = text_of(acme_staff.get("/admin/"))
    corner = page.partition("openUserLinks = !openUserLinks")[2]

    assert corner.count("ann@example.com") == 1
    assert "Sign out" in page
    assert "Log out" not in page
