"""Deliveries that no other try can help: dead at once, with a reason."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.utils import timezone

from core import events
from core.models import AuditEntry, Event, Tenant
from tests.makers import make_actor
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription
from webhooks import deletion, services
from webhooks import delivery as delivering
from webhooks.delivery import Drain
from webhooks.models import Attempt, Delivery, SigningSecret, Subscription

State = Delivery.State


def drained(delivery: Delivery) -> Delivery:
    delivering.drain()
    delivery.refresh_from_db()
    return delivery


@pytest.mark.spec("Standard Webhooks", "Operational considerations")
def test_gone_receiver_switches_its_subscription_off_and_says_so(tenant: Tenant) -> None:
    with Sink([Answer(status=410)]) as gone:
        subscription = make_subscription(tenant, gone.url)
        delivery = drained(make_delivery(subscription))

    subscription.refresh_from_db()
    assert (delivery.state, delivery.last_status_code) == (State.DEAD, 410)
    assert not subscription.enabled
    assert subscription.disabled_reason == "the receiver answered 410 Gone"
    event = Event.objects.get(type="webhook.subscription.disabled")
    assert event.data == {
        "id": subscription.id,
        "name": "Warehouse",
        "reason": "the receiver answered 410 Gone",
    }
    assert AuditEntry.objects.filter(action="subscription.disabled").count() == 1


def test_two_gone_answers_publish_one_event(tenant: Tenant) -> None:
    with Sink([Answer(status=410)]) as gone:
        subscription = make_subscription(tenant, gone.url)
        make_delivery(subscription)
        make_delivery(subscription)

        delivering.drain()

    assert Delivery.objects.filter(state=State.DEAD).count() == 2
    assert Event.objects.filter(type="webhook.subscription.disabled").count() == 1


def test_address_that_may_not_be_reached_is_refused_unsent(
    tenant: Tenant, sink: Sink, settings: LazySettings
) -> None:
    subscription = make_subscription(tenant, f"{sink.url}/hook")
    settings.OUTBOUND_ALLOWED_NETWORKS = []

    delivery = drained(make_delivery(subscription))

    assert sink.requests == []
    assert delivery.state == State.DEAD
    attempt = Attempt.objects.get(delivery=delivery)
    assert (attempt.error_code, attempt.status_code) == ("ADDRESS_REFUSED", None)


def test_values_that_do_not_fit_the_template_are_final(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(
        tenant, sink.url, headers=[{"name": "X-Customer", "value": "{{order.customer_name}}"}]
    )
    data = {"id": "1", "customer_name": "Mia\r\nX-Admin: yes"}
    event = events.publish(
        tenant,
        "order.created",
        data,
        actor=make_actor(),
        occurred_at=timezone.now(),
    )
    events.dispatch()

    delivery = drained(Delivery.objects.get(event=event, subscription=subscription))

    assert sink.requests == []
    assert delivery.state == State.DEAD
    assert delivery.last_error == (
        "headers[0].value: a header holds no line breaks, control characters or letters beyond"
        " Latin-1 (line 1, column 1)"
    )
    assert Attempt.objects.get(delivery=delivery).error_code == "TEMPLATE_FAILED"


def test_erased_event_has_nothing_left_to_send(tenant: Tenant, sink: Sink) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))
    Event.objects.filter(id=delivery.event_id).update(data=None)

    delivery = drained(delivery)

    assert sink.requests == []
    assert delivery.state == State.DEAD
    assert Attempt.objects.get(delivery=delivery).error_code == "EVENT_ERASED"


def test_unreadable_secret_stops_only_its_own_subscription(
    tenant: Tenant, sink: Sink, settings: LazySettings
) -> None:
    lost = make_subscription(tenant, f"{sink.url}/lost", name="Lost")
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    well = make_subscription(tenant, f"{sink.url}/well", name="Well")
    delivery = make_delivery(well)

    drained(delivery)

    assert [request.path for request in sink.requests] == ["/well"]
    assert delivery.state == State.DELIVERED
    waiting = Delivery.objects.get(subscription=lost)
    assert waiting.state == State.PENDING
    assert Attempt.objects.get(delivery=waiting).error_code == "SECRET_UNREADABLE"


def test_results_from_a_lost_lane_are_dropped(tenant: Tenant, sink: Sink) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))
    stuck = Drain(lease=timedelta(seconds=-1))
    stuck.work()
    delivering.drain()

    with stuck:
        stuck.wait(5)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 1)
    assert len(sink.requests) == 2
    assert Attempt.objects.count() == 1


def test_delivery_whose_subscription_was_deleted_meanwhile_is_dropped(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    make_delivery(subscription)
    with Drain() as worker:
        worker.work()
        services.delete_subscription(subscription, actor=make_actor())
        deletion.erase_deleted()
        worker.wait(5)

    for model in (Attempt, Delivery, Subscription):
        assert not model._base_manager.exists()


def test_delivery_that_cannot_be_signed_is_not_sent(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    SigningSecret.objects.filter(subscription=subscription).delete()

    delivery = drained(make_delivery(subscription))

    assert sink.requests == []
    assert delivery.state == State.DEAD
    assert Attempt.objects.get(delivery=delivery).error_code == "UNSIGNABLE"
