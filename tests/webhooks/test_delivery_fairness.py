"""One slow receiver delays nobody else."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from core import events
from core.models import Tenant, Wakeup
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription, publish
from webhooks import delivery as delivering
from webhooks import tasks
from webhooks.models import Delivery


def test_slow_receiver_holds_a_quarter_of_the_senders(
    tenant: Tenant, sink: Sink, settings: LazySettings
) -> None:
    settings.DELIVERY_THREADS = 4
    with Sink([Answer(delay=0.6)]) as slow:
        make_subscription(tenant, slow.url, name="Slow")
        make_subscription(tenant, sink.url, name="Healthy")
        for _ in range(3):
            publish(tenant)
        events.dispatch()

        attempts = delivering.drain()

    assert attempts == 6
    assert slow.most_concurrent == 1
    assert len(slow.requests) == len(sink.requests) == 3
    # All of the healthy one's were sent while the slow one had its first on its hands.
    assert sink.requests[2].at < slow.requests[1].at


def test_claim_counts_what_other_workers_have_in_flight(
    tenant: Tenant, sink: Sink, settings: LazySettings
) -> None:
    settings.DELIVERY_THREADS = 8
    make_subscription(tenant, sink.url)
    for _ in range(5):
        publish(tenant)
    events.dispatch()

    first = delivering.claim(8)
    second = delivering.claim(8)

    assert (len(first), len(second)) == (2, 0)


def test_claim_ends_with_its_lease(tenant: Tenant, sink: Sink) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))
    (first,) = delivering.claim(1, lease=timedelta(seconds=-1))

    (second,) = delivering.claim(1)

    assert first.id == second.id == delivery.id
    assert first.claim_id != second.claim_id


def test_claim_lasts_longer_than_the_request_may_take(tenant: Tenant, sink: Sink) -> None:
    make_delivery(make_subscription(tenant, sink.url, timeout_seconds=60))
    before = timezone.now()

    (claimed,) = delivering.claim(1)

    assert claimed.next_attempt_at is not None
    lease = claimed.next_attempt_at - before
    assert timedelta(seconds=90) <= lease <= timedelta(seconds=95)


def test_drain_leaves_what_is_beyond_its_budget_to_another(tenant: Tenant, sink: Sink) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))

    attempts = delivering.drain(budget=timedelta(0))

    assert attempts == 0
    delivery.refresh_from_db()
    assert delivery.claim_id is None


def test_lingering_drain_sends_a_retry_that_is_due_soon(tenant: Tenant) -> None:
    with Sink([Answer(status=500), Answer()]) as sink:
        policy = {"maxRetries": 2, "retryDelay": 300, "backoffMultiplier": 1}
        delivery = make_delivery(make_subscription(tenant, sink.url, retry_policy=policy))

        attempts = delivering.drain(linger=timedelta(seconds=2))

    assert attempts == 2
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DELIVERED


def test_drain_does_not_linger_while_another_task_waits_for_a_worker(tenant: Tenant) -> None:
    with Sink([Answer(status=500)]) as sink:
        policy = {"maxRetries": 2, "retryDelay": 300}
        make_delivery(make_subscription(tenant, sink.url, retry_policy=policy))
        Wakeup.objects.create(task="core.tasks.dispatch_events", queued=True)

        attempts = delivering.drain(linger=timedelta(seconds=2))

    assert attempts == 1


def test_lost_wake_up_is_made_good_by_the_safety_net(
    tenant: Tenant, sink: Sink, settings: LazySettings
) -> None:
    # Nobody enqueues in this test: its transaction never commits, as if the wake-up were lost.
    delivery = make_delivery(make_subscription(tenant, sink.url))

    tasks.deliver()

    assert "webhooks.tasks.deliver" in settings.SAFETY_NET_TASKS
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DELIVERED


@pytest.mark.parametrize("number", [0, -3])
def test_nothing_is_claimed_when_no_sender_is_free(tenant: Tenant, sink: Sink, number: int) -> None:
    make_delivery(make_subscription(tenant, sink.url))

    assert delivering.claim(number) == []
