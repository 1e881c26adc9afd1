"""Receivers that are left alone for a while: busy ones, failing ones, and what a person may do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import events
from core.models import Tenant
from tests.makers import make_actor
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import give_up, make_delivery, make_subscription, publish
from webhooks import delivery as delivering
from webhooks import services
from webhooks.breaker import Circuit
from webhooks.delivery import Drain
from webhooks.models import Delivery, Lane, Subscription

State = Delivery.State


def lane_of(subscription: Subscription) -> Lane:
    lane: Lane = Lane.objects.get(subscription=subscription)
    return lane


def open_circuit(subscription: Subscription) -> None:
    """Have the circuit of a receiver open for another hour."""
    until = timezone.now() + timedelta(hours=1)
    Lane.objects.filter(subscription=subscription).update(trips=3, paused_until=until)


@pytest.mark.parametrize("status", [429, 503])
def test_busy_receiver_is_sent_nothing_else_for_as_long_as_it_asks(
    tenant: Tenant, status: int
) -> None:
    with Sink([Answer(status=status, headers={"Retry-After": "120"}), Answer()]) as sink:
        subscription = make_subscription(tenant, sink.url, concurrency=1)
        for _ in range(3):
            publish(tenant)
        events.dispatch()
        before = timezone.now()

        delivering.drain()
        again = delivering.drain()

    lane = lane_of(subscription)
    assert (len(sink.requests), again) == (1, 0)
    assert lane.circuit(timezone.now()) == Circuit.OPEN
    assert lane.paused_until is not None
    assert timedelta(seconds=119) < lane.paused_until - before < timedelta(seconds=130)
    # Waiting costs the others none of their retries.
    assert sorted(Delivery.objects.values_list("failures", flat=True)) == [0, 0, 1]


def test_receiver_that_fails_and_fails_is_left_alone(tenant: Tenant) -> None:
    with Sink([Answer(status=500)]) as sink:
        subscription = make_subscription(tenant, sink.url, concurrency=1)
        for _ in range(15):
            publish(tenant)
        events.dispatch()

        delivering.drain()

    lane = lane_of(subscription)
    assert len(sink.requests) == 10
    assert (lane.circuit(timezone.now()), lane.trips, lane.failures) == (Circuit.OPEN, 1, 10)
    assert lane.failing_since is not None
    assert lane.due_at is not None


def test_one_request_tries_a_half_open_circuit_and_its_success_closes_it(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    for _ in range(5):
        publish(tenant)
    events.dispatch()
    long_ago = timezone.now() - timedelta(hours=1)
    Lane.objects.filter(subscription=subscription).update(
        trips=2, paused_until=long_ago, failing_since=long_ago, failures=30, warned=50
    )

    delivering.drain()

    lane = lane_of(subscription)
    assert len(sink.requests) == 5
    assert (lane.trips, lane.paused_until, lane.failing_since) == (0, None, None)
    assert (lane.failures, lane.warned) == (0, 0)


def test_failed_trial_of_a_half_open_circuit_sends_nothing_else(tenant: Tenant) -> None:
    with Sink([Answer(status=500)]) as sink:
        subscription = make_subscription(tenant, sink.url)
        for _ in range(5):
            publish(tenant)
        events.dispatch()
        over = timezone.now() - timedelta(seconds=1)
        Lane.objects.filter(subscription=subscription).update(trips=1, paused_until=over)

        delivering.drain()

    assert len(sink.requests) == 1
    assert lane_of(subscription).trips == 2


def test_retry_by_hand_is_sent_at_once_although_the_circuit_is_open(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    delivery = make_delivery(subscription)
    later = timezone.now() + timedelta(hours=5)
    Delivery.objects.filter(id=delivery.id).update(next_attempt_at=later, failures=4, attempts=4)
    open_circuit(subscription)
    unasked = delivering.drain()

    services.retry_now(delivery, actor=make_actor())
    asked = delivering.drain()

    delivery.refresh_from_db()
    assert (unasked, asked) == (0, 1)
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 5)


def test_replay_by_hand_is_sent_at_once_although_the_circuit_is_open(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    delivery = make_delivery(subscription)
    give_up(delivery)
    open_circuit(subscription)

    services.replay(delivery, actor=make_actor())
    attempts = delivering.drain()

    assert (attempts, len(sink.requests)) == (1, 1)


def test_retry_by_hand_keeps_to_the_rate(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url, rate_limit=1)
    make_delivery(subscription)
    second = make_delivery(subscription)
    delivering.drain()

    services.retry_now(second, actor=make_actor())
    attempts = delivering.drain()

    lane = lane_of(subscription)
    assert (attempts, len(sink.requests)) == (0, 1)
    assert lane.circuit(timezone.now()) == Circuit.CLOSED
    assert lane.paused_until is not None


def test_retry_by_hand_counts_although_a_worker_has_the_lane_in_its_hands(tenant: Tenant) -> None:
    with Sink([Answer(status=503, headers={"Retry-After": "600"}), Answer()]) as sink:
        subscription = make_subscription(tenant, sink.url, concurrency=1)
        make_delivery(subscription)
        second = make_delivery(subscription)
        with Drain() as worker:
            worker.work()
            worker.wait(5)
            services.retry_now(second, actor=make_actor())

        attempts = delivering.drain()

    second.refresh_from_db()
    assert (attempts, len(sink.requests)) == (1, 2)
    assert second.state == State.DELIVERED


def test_worker_stays_awake_for_the_next_request_of_a_paced_lane(
    tenant: Tenant, sink: Sink
) -> None:
    make_subscription(tenant, sink.url, rate_limit=60)
    for _ in range(2):
        publish(tenant)
    events.dispatch()

    with Drain(linger=60) as worker:
        while not worker.attempts or worker.busy:
            worker.work()
            worker.wait(0.01)
        after_the_first = (len(sink.requests), worker.restless)

    assert after_the_first == (1, True)
