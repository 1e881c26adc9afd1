"""Keys that are missing, endpoints that cannot be saved any more, and what is erased with time."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import AuditEntry, Event, Tenant
from tests.endpoints import make_endpoint, make_message, make_processed, push
from tests.inbound import make_refusal
from webhooks import tasks
from webhooks.inbound import keeping, processing, retention
from webhooks.models import Message, Refusal

pytestmark = pytest.mark.django_db


def test_without_its_key_nothing_is_acknowledged_and_what_was_becomes_an_event(
    tenant: Tenant, settings: LazySettings
) -> None:
    endpoint = make_endpoint(tenant)
    make_message(endpoint)
    keys = settings.ENCRYPTION_KEYS
    forget()

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    away = push(endpoint, "d-2")
    processing.process()
    settings.ENCRYPTION_KEYS = keys
    again = push(endpoint, "d-2")

    assert (away.status_code, away.headers["Retry-After"]) == (503, "60")
    assert json.loads(away.content)["error"] == "UNAVAILABLE"
    assert again.status_code == 200
    assert Event.objects.filter(type="inbound.code.push").count() == 1


def forget() -> None:
    """Have this process know as little as one that has just started."""
    keeping._remembered.clear()
    keeping._decrypted.cache_clear()


def test_an_endpoint_that_could_not_be_saved_any_more_can_be_switched_off(
    api: APIClient, tenant: Tenant, settings: LazySettings
) -> None:
    endpoint = make_endpoint(tenant, max_body_bytes=5_000)
    settings.MAX_BODY_BYTES = 4_000
    url = f"/api/v1/webhooks/endpoints/{endpoint.id}"

    answers = [api.post(f"{url}/{word}") for word in ("disable", "disable", "enable")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json()["enabled"] for answer in answers] == [False, False, True]
    actions = AuditEntry.objects.filter(target_id=endpoint.id).order_by("id")
    assert list(actions.values_list("action", flat=True))[1:] == [
        "endpoint.disabled",
        "endpoint.enabled",
    ]


def test_a_message_that_somebody_else_has_processed_is_not_put_back(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    stale = make_message(endpoint)
    processing.process()

    processing._put_back(stale, ValueError("too late"), timezone.now())

    message = Message.objects.get()
    assert (message.state, message.failures, message.error) == ("processed", 0, "")


def test_what_a_sender_wrote_is_erased_with_time_and_that_it_wrote_is_not(tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))
    waiting = make_message(message.endpoint, "d-2")
    Tenant.objects.update(retention_days=30)
    Message.objects.update(received_at=timezone.now() - timedelta(days=31))

    tasks.erase_expired()

    message.refresh_from_db()
    waiting.refresh_from_db()
    assert (message.body, message.headers, message.query) == (None, [], "")
    assert (message.ip_address, message.trace) == (None, [])
    assert (message.key, message.state) == ("d-1", "processed")
    assert waiting.body is not None


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=29), 1), (timedelta(days=31), 0)])
def test_refusals_are_erased_after_thirty_days(tenant: Tenant, age: timedelta, left: int) -> None:
    rows: Any = Refusal.objects.filter(pk=make_refusal(tenant).pk)
    rows.update(hour=timezone.now() - age)

    retention.erase_refusals(timezone.now())

    assert rows.count() == left
