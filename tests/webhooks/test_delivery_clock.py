"""Clocks: what a wrong one does, what happens when it is put right, and which one counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from core import events
from core.models import Tenant
from core.types import Json
from tests.drains import LEASE, turn_to_the_end, turn_until
from tests.sinks import Answer, Seen, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_delivery, make_subscription, publish
from webhooks import delivery as delivering
from webhooks.delivery import Drain
from webhooks.models import Attempt, Delivery, Lane, Subscription

State = Delivery.State
HOUR = timedelta(hours=1)
RETRIES: dict[str, Json] = {"maxRetries": 3, "retryDelay": 100}


@contextmanager
def clock_off_by(error: timedelta) -> Iterator[None]:
    """Have the clock of the calendar show the wrong time; the monotonic one goes on as it did."""
    with time_machine.travel(timezone.now() + error):
        yield


def signed_at(request: Seen) -> datetime:
    return datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)


def is_accepted(request: Seen) -> bool:
    """Say whether a receiver whose clock is right accepts a request that has just come."""
    try:
        Webhook(SECRET).verify(request.body, request.headers)
    except WebhookVerificationError:
        return False
    return True


def the_delivery() -> Delivery:
    delivery: Delivery = Delivery.objects.get()
    return delivery


@pytest.mark.spec("Standard Webhooks", "Webhook metadata")
def test_timestamp_is_of_the_attempt_so_a_late_retry_verifies(tenant: Tenant) -> None:
    with Sink([Answer(status=500), Answer()]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))
        with clock_off_by(3 * HOUR):
            delivering.drain()
            accepted = [is_accepted(sink.requests[0])]
        with clock_off_by(9 * HOUR):
            delivering.drain()
            accepted.append(is_accepted(sink.requests[1]))

    first, second = sink.requests
    late = signed_at(first) - delivery.event.occurred_at
    assert timedelta(hours=2, minutes=59) < late < timedelta(hours=3, minutes=2)
    assert timedelta(hours=5, minutes=59) < signed_at(second) - signed_at(first)
    assert accepted == [True, True]
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


def test_what_receivers_refused_while_the_clock_was_slow_is_accepted_in_the_retry(
    tenant: Tenant,
) -> None:
    with clock_off_by(-timedelta(minutes=10)):
        subscription = make_subscription(tenant, "http://127.0.0.1:59999", retry_policy=RETRIES)
        make_delivery(subscription)
    with Sink([Answer(status=401), Answer()]) as sink:
        Subscription.objects.update(url=sink.url)
        with clock_off_by(-timedelta(minutes=10)):
            delivering.drain()
        delivering.drain()

    assert [is_accepted(each) for each in sink.requests] == [False, True]
    assert (the_delivery().state, the_delivery().attempts) == (State.DELIVERED, 2)


def test_retry_planned_by_a_fast_clock_comes_as_late_as_the_clock_was_fast(tenant: Tenant) -> None:
    with Sink([Answer(status=401), Answer()]) as sink:
        make_delivery(make_subscription(tenant, sink.url, retry_policy=RETRIES))
        with clock_off_by(HOUR):
            delivering.drain()

        at_once = delivering.drain()
        with clock_off_by(HOUR + timedelta(minutes=1)):
            in_an_hour = delivering.drain()

    assert (at_once, in_an_hour) == (0, 1)
    assert the_delivery().state == State.DELIVERED


def test_worker_goes_on_when_its_clock_is_put_back(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)

    with Drain(lease=LEASE) as drain:
        with clock_off_by(HOUR):
            make_delivery(subscription)
            turn_until(drain, lambda: len(sink.requests) == 1)
        make_delivery(subscription)
        turn_until(drain, lambda: len(sink.requests) == 2)
        turn_to_the_end(drain)

    assert set(Delivery.objects.values_list("state", "attempts")) == {(State.DELIVERED, 1)}
    assert list(Lane.objects.values_list("owner", "due_at")) == [(None, None)]


def test_new_event_brings_forward_a_lane_that_a_fast_clock_has_put_off(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    with clock_off_by(HOUR):
        early = make_delivery(subscription)

    late = make_delivery(subscription)
    delivering.drain()

    assert [each.headers["webhook-id"] for each in sink.requests] == [late.id]
    assert late.created_at < early.created_at
    assert Lane.objects.get().due_at == Delivery.objects.get(pk=early.pk).next_attempt_at


def test_clock_put_back_during_a_request_leaves_a_sensible_log(tenant: Tenant) -> None:
    with Sink([Answer(delay=5)]) as sink:
        subscription = make_subscription(tenant, sink.url, timeout_seconds=1)
        with Drain(lease=LEASE) as drain:
            with clock_off_by(HOUR):
                make_delivery(subscription)
                turn_until(drain, lambda: sink.requests)
            put_back_at = timezone.now()
            turn_until(drain, Attempt.objects.exists)
            ended_at = timezone.now()

    attempt = Attempt.objects.get()
    assert (attempt.error_code, attempt.duration_ms) == ("DEADLINE_EXCEEDED", 0)
    planned = the_delivery().next_attempt_at
    assert planned is not None
    assert put_back_at + timedelta(seconds=5) < planned < ended_at + timedelta(seconds=6)


def test_clock_put_forward_sends_waiting_retries_at_once_and_loses_none(tenant: Tenant) -> None:
    with Sink([*[Answer(status=500)] * 3, Answer()]) as sink:
        policy: dict[str, Json] = {"schedule": [1_800_000]}
        make_subscription(tenant, sink.url, retry_policy=policy)
        for _ in range(3):
            publish(tenant)
        events.dispatch()
        delivering.drain()
        with clock_off_by(HOUR):
            delivering.drain()

    assert len(sink.requests) == 6
    assert set(Delivery.objects.values_list("state", "attempts")) == {(State.DELIVERED, 2)}


def test_worker_whose_clock_is_far_ahead_repeats_what_is_under_way_and_writes_it_down_once(
    tenant: Tenant,
) -> None:
    with Sink([Answer(delay=0.5), Answer()]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))
        with Drain() as right:
            turn_until(right, lambda: sink.requests)
            with clock_off_by(timedelta(minutes=1)):
                by_the_other = delivering.drain()
            turn_until(right, lambda: right.attempts)

    assert by_the_other == 1
    assert [each.headers["webhook-id"] for each in sink.requests] == [delivery.id] * 2
    assert (the_delivery().state, the_delivery().attempts) == (State.DELIVERED, 1)
    assert Attempt.objects.count() == 1


def test_worker_whose_clock_is_a_little_ahead_leaves_lanes_to_their_owners(tenant: Tenant) -> None:
    with Sink([Answer(delay=0.5), Answer()]) as sink:
        make_delivery(make_subscription(tenant, sink.url))
        with Drain() as right:
            turn_until(right, lambda: sink.requests)
            with clock_off_by(timedelta(seconds=5)):
                by_the_other = delivering.drain()
            turn_to_the_end(right)

    assert (by_the_other, len(sink.requests)) == (0, 1)
    assert the_delivery().state == State.DELIVERED


@pytest.mark.spec("RFC 9110", "10.2.3")
def test_date_to_retry_after_is_read_by_our_own_clock(tenant: Tenant) -> None:
    asked = timezone.now() + timedelta(minutes=2)
    header = asked.strftime("%a, %d %b %Y %H:%M:%S GMT")
    with Sink([Answer(status=500, headers={"Retry-After": header})]) as sink:
        make_delivery(make_subscription(tenant, sink.url, retry_policy=RETRIES))

        delivering.drain()

    planned = the_delivery().next_attempt_at
    assert planned is not None
    assert timedelta(seconds=-1) <= planned - asked <= timedelta(seconds=30)
