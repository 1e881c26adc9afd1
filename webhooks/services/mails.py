"""Telling the people of a tenant that something is wrong with a subscription."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from core.models import Event, Tenant, User
from webhooks.event_types import SUBSCRIPTION_DISABLED, SUBSCRIPTION_FAILING
from webhooks.models import Subscription

TEMPLATES = {
    SUBSCRIPTION_DISABLED: "webhooks/mail_disabled",
    SUBSCRIPTION_FAILING: "webhooks/mail_failing",
}


def mail_staff(event: Event) -> int:
    """Send the mail about an event of a subscription to its tenant's staff; return how many.

    Each person gets a mail of their own. Operators, who belong to no tenant, get none: they would
    get those of every tenant. It names the subscription and what happened, never its URL, its
    headers or an answer, all of which may hold secrets. Raises OSError when the mail server cannot
    be reached or refuses.
    """
    subscription = Subscription.objects.filter(pk=event.entity_id).first()
    addresses = _addresses(event.tenant)
    if subscription is None or event.data is None or not addresses:
        return 0
    context = _context(event)
    template = TEMPLATES[event.type]
    # A subject is one line, whatever the name of the subscription is.
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    body = render_to_string(f"{template}_body.txt", context)
    messages = [EmailMessage(subject, body, to=[address]) for address in addresses]
    return get_connection().send_messages(messages) or 0


def _addresses(tenant: Tenant) -> list[str]:
    staff = User.objects.filter(tenant=tenant, is_staff=True, is_active=True).exclude(email="")
    return sorted(set(staff.values_list("email", flat=True)))


def _context(event: Event) -> dict[str, Any]:
    data = dict(event.data)
    for name in ("failing_since", "disabled_at"):
        if name in data:
            data[name] = parse_datetime(data[name])
    page = reverse("admin:webhooks_subscription_change", args=[event.entity_id])
    return {**data, "tenant": event.tenant, "url": f"{settings.PUBLIC_URL}{page}"}
