"""Delivering: what receivers see, and what becomes of a delivery."""

import json
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from core import services as core_services
from core.models import Tenant
from core.types import Json
from tests.makers import make_actor
from tests.sinks import Answer, Sink, free_port
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import ORDER, SECRET, make_delivery, make_due, make_subscription
from webhooks import delivery as delivering
from webhooks import signing
from webhooks.models import Attempt, Delivery, Subscription

State = Delivery.State


def reloaded(delivery: Delivery) -> Delivery:
    delivery.refresh_from_db()
    return delivery


def wait_after(delivery: Delivery, moment: datetime) -> timedelta:
    delivery.refresh_from_db()
    assert delivery.next_attempt_at is not None
    return delivery.next_attempt_at - moment


def test_delivered_event_verifies_with_the_reference_library(tenant: Tenant, sink: Sink) -> None:
    delivery = make_delivery(make_subscription(tenant, f"{sink.url}/hook"))

    attempts = delivering.drain()

    assert attempts == 1
    (request,) = sink.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert Webhook(SECRET).verify(request.body, request.headers) == delivery.event.envelope()
    assert request.headers["webhook-id"] == delivery.id
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-signature-256"] == signing.body_signature(SECRET, request.body)
    assert reloaded(delivery).state == State.DELIVERED
    assert (delivery.attempts, delivery.last_status_code, delivery.last_error) == (1, 204, "")


def test_drain_without_work_sends_nothing(tenant: Tenant, sink: Sink) -> None:
    make_subscription(tenant, sink.url)

    attempts = delivering.drain()

    assert attempts == 0
    assert sink.requests == []


def test_order_notification_renders_payload_and_configured_header(
    tenant: Tenant, sink: Sink
) -> None:
    core_services.set_config_value(tenant, "api_key", "k-4711", actor=make_actor())
    subscription = make_subscription(
        tenant,
        f"{sink.url}/orders/{{{{order.id}}}}",
        method="PUT",
        headers=[{"name": "Authorization", "value": "Bearer {{config.api_key}}"}],
        payload='{\n  "number": "{{order.id}}",\n  "for": "{{order.customer_name}}",\n'
        '  "lines": {{order.items}},\n  "sum": {{order.total}}\n}',
    )
    make_delivery(subscription)

    delivering.drain()

    (request,) = sink.requests
    assert (request.method, request.path) == ("PUT", f"/orders/{ORDER['id']}")
    assert request.headers["authorization"] == "Bearer k-4711"
    assert request.body.decode() == (
        '{\n  "number": "rec_01jd3k8x5rf0bv6zq2n9y4t7hm",\n  "for": "Mia \\"Minou\\" Berg",\n'
        '  "lines": [{"sku":"TEA-1","quantity":2}],\n  "sum": 120.5\n}'
    )


def test_failure_is_retried_with_the_same_id_until_it_is_delivered(tenant: Tenant) -> None:
    with Sink([Answer(status=500, body=b"out of paper"), Answer(status=204)]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))
        before = timezone.now()

        delivering.drain()
        state_between = reloaded(delivery).state
        waits = wait_after(delivery, before)
        make_due(delivery)
        delivering.drain()

    assert state_between == State.PENDING
    assert timedelta(seconds=5) <= waits <= timedelta(seconds=8)
    assert reloaded(delivery).state == State.DELIVERED
    assert [request.headers["webhook-id"] for request in sink.requests] == [delivery.id] * 2
    assert list(delivery.attempt_log.values_list("number", "status_code", "response_body")) == [
        (2, 204, ""),
        (1, 500, "out of paper"),
    ]


def test_delivery_is_dead_after_the_last_retry(tenant: Tenant) -> None:
    with Sink([Answer(status=503)]) as sink:
        subscription = make_subscription(tenant, sink.url, retry_policy={"maxRetries": 1})
        delivery = make_delivery(subscription)

        delivering.drain()
        make_due(delivery)
        delivering.drain()

    assert len(sink.requests) == 2
    assert reloaded(delivery).state == State.DEAD
    assert delivery.next_attempt_at is None
    assert delivery.last_error == "the receiver answered 503"


def test_status_outside_the_policy_is_not_retried(tenant: Tenant) -> None:
    with Sink([Answer(status=400)]) as sink:
        policy: dict[str, Json] = {"maxRetries": 3, "retryDelay": 1000, "retryOnStatus": [500, 503]}
        delivery = make_delivery(make_subscription(tenant, sink.url, retry_policy=policy))

        delivering.drain()

    assert reloaded(delivery).state == State.DEAD


@pytest.mark.spec("RFC 9110", "10.2.3")
def test_retry_after_lengthens_the_wait(tenant: Tenant) -> None:
    with Sink([Answer(status=429, headers={"Retry-After": "120"})]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))
        before = timezone.now()

        delivering.drain()

    waits = wait_after(delivery, before)
    assert timedelta(seconds=120) <= waits <= timedelta(seconds=150)


@pytest.mark.spec("Standard Webhooks", "Operational considerations")
def test_redirect_is_a_failure_and_not_followed(tenant: Tenant, sink: Sink) -> None:
    with Sink([Answer(status=308, headers={"Location": f"{sink.url}/elsewhere"})]) as moved:
        delivery = make_delivery(make_subscription(tenant, moved.url))

        delivering.drain()

    assert sink.requests == []
    assert reloaded(delivery).state == State.PENDING
    assert delivery.last_status_code == 308


def test_slow_answer_is_a_failed_attempt(tenant: Tenant) -> None:
    with Sink([Answer(delay=5)]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url, timeout_seconds=1))

        delivering.drain()

    assert reloaded(delivery).state == State.PENDING
    attempt = Attempt.objects.get(delivery=delivery)
    assert (attempt.status_code, attempt.error_code) == (None, "DEADLINE_EXCEEDED")
    assert attempt.duration_ms >= 1_000


def test_refused_connection_is_a_failed_attempt(tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant, f"http://127.0.0.1:{free_port()}/hook"))

    delivering.drain()

    assert reloaded(delivery).state == State.PENDING
    assert Attempt.objects.get(delivery=delivery).error_code == "UNREACHABLE"


def test_disabled_subscription_holds_what_is_pending(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    delivery = make_delivery(subscription)
    Subscription.objects.filter(id=subscription.id).update(enabled=False)

    delivering.drain()

    assert sink.requests == []
    assert reloaded(delivery).state == State.PENDING


def test_nothing_is_sent_for_a_tenant_that_is_switched_off(tenant: Tenant, sink: Sink) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))
    tenant.active = False
    tenant.save(update_fields=["active"])

    delivering.drain()

    assert sink.requests == []
    assert reloaded(delivery).state == State.PENDING


def test_body_is_what_was_signed(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url, payload='{"at": "{{timestamp}}"}')
    delivery = make_delivery(subscription)

    delivering.drain()

    (request,) = sink.requests
    verified = Webhook(SECRET).verify(request.body, request.headers)
    assert verified == json.loads(request.body) == {"at": delivery.event.timestamp}
