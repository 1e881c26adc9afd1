"""Mails to the staff of a tenant about its subscriptions."""

import smtplib
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.core import mail

from core.models import Event, Tenant, User
from tests.makers import make_actor
from tests.staff import make_staff
from tests.subscriptions import make_subscription
from webhooks import services, tasks
from webhooks.models import Subscription

SECRET = "canary-4711-secret"


@pytest.fixture(autouse=True)
def _public_url(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://patchbay.example.com"


def switched_off(tenant: Tenant, name: str = "Warehouse") -> Event:
    """Return the event of a subscription that was switched off, full of secrets otherwise."""
    subscription = make_subscription(
        tenant,
        f"http://127.0.0.1:59999/{SECRET}",
        name=name,
        headers=[{"name": "Authorization", "value": f"Bearer {SECRET}"}],
    )
    services.disable_failing(subscription, actor=make_actor(), reason="it answered 410 Gone")
    event: Event = Event.objects.get(type="webhook.subscription.disabled")
    return event


def page_of(event: Event) -> str:
    return f"https://patchbay.example.com/admin/webhooks/subscription/{event.entity_id}/change/"


def test_each_of_the_tenants_staff_gets_a_mail_of_their_own(
    tenant: Tenant, stranger: Tenant
) -> None:
    for name, of in (("ann", tenant), ("bob", tenant), ("gus", stranger), ("boss", None)):
        make_staff(name, of)
    event = switched_off(tenant)

    sent = tasks.mail_staff(event.id)

    assert sent == 2
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["bob@example.com"]]


def test_mail_says_what_was_switched_off_why_and_where_to_go(tenant: Tenant) -> None:
    make_staff("ann", tenant)
    event = switched_off(tenant)

    tasks.mail_staff(event.id)

    (message,) = mail.outbox
    assert message.subject == "Patchbay: the webhook Warehouse is switched off"
    assert 'The webhook "Warehouse" of Acme has been switched off: it answered 410 Gone.' in (
        message.body
    )
    assert page_of(event) in message.body.splitlines()
    assert SECRET not in message.message().as_string()


def test_warning_says_when_it_will_be_switched_off(tenant: Tenant) -> None:
    make_staff("ann", tenant)
    services.warn_failing(
        make_subscription(tenant),
        failing_since=datetime(2026, 3, 2, 8, tzinfo=UTC),
        failures=184,
        disabled_at=datetime(2026, 3, 7, 8, tzinfo=UTC),
        actor=make_actor(),
    )
    event = Event.objects.get(type="webhook.subscription.failing")

    tasks.mail_staff(event.id)

    (message,) = mail.outbox
    assert message.subject == "Patchbay: the webhook Warehouse is failing"
    assert "2026-03-02 08:00 UTC; 184 attempts have failed" in message.body
    assert "is switched off on 2026-03-07 at 08:00 UTC" in message.body
    assert page_of(event) in message.body.splitlines()


def test_name_goes_into_the_mail_as_it_is_and_breaks_no_header(tenant: Tenant) -> None:
    make_staff("ann", tenant)
    event = switched_off(tenant, 'Fish & "Chips"\r\nBcc: all@example.com')

    tasks.mail_staff(event.id)

    (message,) = mail.outbox
    assert message.subject == (
        'Patchbay: the webhook Fish & "Chips" Bcc: all@example.com is switched off'
    )
    assert message.recipients() == ["ann@example.com"]


@pytest.mark.parametrize(
    "change", [{"email": ""}, {"is_active": False}, {"is_staff": False}], ids=str
)
def test_nobody_else_gets_a_mail(tenant: Tenant, change: dict[str, object]) -> None:
    User.objects.filter(pk=make_staff("ann", tenant).pk).update(**change)
    event = switched_off(tenant)

    sent = tasks.mail_staff(event.id)

    assert (sent, mail.outbox) == (0, [])


def test_nothing_is_said_of_a_subscription_that_is_gone(tenant: Tenant) -> None:
    make_staff("ann", tenant)
    event = switched_off(tenant)
    Subscription.objects.all().delete()

    sent = [tasks.mail_staff(event.id), tasks.mail_staff("evt_01jd3k8x5rf0bv6zq2n9y4t7hm")]

    assert (sent, mail.outbox) == ([0, 0], [])


def test_failure_of_the_mail_server_is_left_to_the_queue(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_staff("ann", tenant)
    event = switched_off(tenant)

    with pytest.raises((OSError, smtplib.SMTPException)):
        tasks.mail_staff(event.id)
