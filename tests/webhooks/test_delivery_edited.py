"""Subscriptions that are changed, switched off or deleted while their deliveries are under way."""

import logging
from collections.abc import Callable, Iterator
from typing import Unpack

import pytest
from standardwebhooks import Webhook

from core import events
from core import services as core_services
from core.models import Tenant
from core.types import Json
from tests.drains import LEASE, notice_changes, turn_to_the_end, turn_until
from tests.makers import make_actor
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_delivery, make_due, make_subscription, publish
from webhooks import deletion, services
from webhooks import delivery as delivering
from webhooks.delivery import Drain
from webhooks.models import Attempt, Delivery, Lane, Subscription
from webhooks.types import SubscriptionFields

State = Delivery.State
SLOWLY = 0.5
RETRIES: dict[str, Json] = {"maxRetries": 3, "retryDelay": 100}


@pytest.fixture
def slow() -> Iterator[Sink]:
    """A receiver that accepts everything, but not at once."""
    with Sink([Answer(delay=SLOWLY)]) as started:
        yield started


@pytest.fixture
def failing() -> Iterator[Sink]:
    """A receiver that fails, but not at once."""
    with Sink([Answer(status=500, delay=SLOWLY)]) as started:
        yield started


def change(subscription: Subscription, **fields: Unpack[SubscriptionFields]) -> None:
    services.update_subscription(subscription, fields, actor=make_actor())


def owe(subscription: Subscription, count: int) -> list[Delivery]:
    """Return ``count`` pending deliveries, the one that is owed longest first."""
    for _ in range(count):
        publish(subscription.tenant)
    events.dispatch()
    rows: list[Delivery] = list(Delivery.objects.filter(subscription=subscription).order_by("id"))
    return rows


def states(subscription: Subscription) -> list[tuple[str, int]]:
    """Return state and number of attempts of each delivery, in the order of their sending."""
    rows = Delivery.objects.filter(subscription=subscription)
    return list(rows.order_by("state", "id").values_list("state", "attempts"))


def test_change_between_queueing_and_sending_is_what_is_sent(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(
        tenant, f"{sink.url}/old", headers=[{"name": "X-Version", "value": "old"}]
    )
    delivery = make_delivery(subscription)

    change(
        subscription,
        url=f"{sink.url}/new/{{{{event.type}}}}",
        method="PUT",
        headers=[{"name": "X-Version", "value": "new"}],
        payload="{{timestamp}}",
        payload_format="text",
    )
    delivering.drain()

    (request,) = sink.requests
    assert (request.method, request.path) == ("PUT", "/new/order.created")
    assert request.headers["x-version"] == "new"
    assert request.headers["content-type"] == "text/plain; charset=utf-8"
    assert request.body.decode() == delivery.event.timestamp


def test_retry_is_made_with_the_definition_of_its_own_time(
    tenant: Tenant, sink: Sink, failing: Sink
) -> None:
    subscription = make_subscription(tenant, failing.url, payload='{"version": 1}')
    delivery = make_delivery(subscription)
    delivering.drain()

    change(subscription, url=sink.url, payload='{"version": 2}')
    make_due(delivery)
    delivering.drain()

    (first,) = failing.requests
    (second,) = sink.requests
    assert (first.body, second.body) == (b'{"version": 1}', b'{"version": 2}')
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.id
    assert Webhook(SECRET).verify(second.body, second.headers) == {"version": 2}
    assert states(subscription) == [(State.DELIVERED, 2)]


def test_change_while_a_request_is_on_the_wire_holds_for_the_next_attempt(
    tenant: Tenant, sink: Sink, failing: Sink
) -> None:
    subscription = make_subscription(tenant, failing.url, retry_policy=RETRIES)
    make_delivery(subscription)

    with Drain(lease=LEASE) as drain:
        turn_until(drain, lambda: failing.requests)
        change(subscription, url=f"{sink.url}/new", method="PATCH")
        notice_changes(drain)
        turn_until(drain, lambda: sink.requests)
        turn_to_the_end(drain)

    assert len(failing.requests) == 1
    assert [(each.method, each.path) for each in sink.requests] == [("PATCH", "/new")]
    assert states(subscription) == [(State.DELIVERED, 2)]
    log = Attempt.objects.order_by("number").values_list("number", "status_code")
    assert list(log) == [(1, 500), (2, 204)]


def test_what_a_worker_holds_already_goes_out_as_changed(
    tenant: Tenant, sink: Sink, slow: Sink
) -> None:
    subscription = make_subscription(tenant, slow.url, concurrency=1)
    owe(subscription, 5)

    with Drain(lease=LEASE) as drain:
        turn_until(drain, lambda: slow.requests)
        change(subscription, url=sink.url)
        notice_changes(drain)
        turn_to_the_end(drain)

    assert (len(slow.requests), len(sink.requests)) == (1, 4)
    assert states(subscription) == [(State.DELIVERED, 1)] * 5


def test_outcome_of_a_request_under_way_is_judged_as_it_was_sent(
    tenant: Tenant, failing: Sink
) -> None:
    subscription = make_subscription(tenant, failing.url, retry_policy={"maxRetries": 0})
    make_delivery(subscription)

    with Drain(lease=LEASE) as drain:
        turn_until(drain, lambda: failing.requests)
        change(subscription, retry_policy={"maxRetries": 7})
        notice_changes(drain)
        turn_to_the_end(drain)

    assert states(subscription) == [(State.DEAD, 1)]
    assert len(failing.requests) == 1


def test_configuration_value_is_read_anew_for_every_stay_in_a_lane(
    tenant: Tenant, sink: Sink
) -> None:
    core_services.set_config_value(tenant, "api_key", "k-1", actor=make_actor())
    subscription = make_subscription(
        tenant,
        sink.url,
        headers=[{"name": "Authorization", "value": "Bearer {{config.api_key}}"}],
    )
    make_delivery(subscription)
    delivering.drain()

    core_services.set_config_value(tenant, "api_key", "k-2", actor=make_actor())
    make_delivery(subscription)
    delivering.drain()

    assert [each.headers["authorization"] for each in sink.requests] == ["Bearer k-1", "Bearer k-2"]


def switch_off(subscription: Subscription) -> None:
    services.disable(subscription, actor=make_actor())


def edit_off(subscription: Subscription) -> None:
    change(subscription, enabled=False)


def switch_tenant_off(subscription: Subscription) -> None:
    Tenant.objects.filter(pk=subscription.tenant_id).update(active=False)


def switch_on(subscription: Subscription) -> None:
    Tenant.objects.filter(pk=subscription.tenant_id).update(active=True)
    services.enable(subscription, actor=make_actor())


Switch = Callable[[Subscription], None]
OFF = pytest.mark.parametrize("off", [switch_off, edit_off, switch_tenant_off])


@OFF
def test_switched_off_while_a_request_is_on_the_wire_sends_nothing_more(
    tenant: Tenant, slow: Sink, off: Switch
) -> None:
    subscription = make_subscription(tenant, slow.url, concurrency=1)
    owe(subscription, 4)

    with Drain(lease=LEASE) as drain:
        turn_until(drain, lambda: slow.requests)
        off(subscription)
        notice_changes(drain)
        turn_to_the_end(drain)
    again = delivering.drain()

    assert (len(slow.requests), again) == (1, 0)
    assert states(subscription) == [(State.DELIVERED, 1), *[(State.PENDING, 0)] * 3]
    assert Attempt.objects.count() == 1


@OFF
def test_request_that_fails_after_the_switch_is_retried_when_it_is_on_again(
    tenant: Tenant, off: Switch
) -> None:
    with Sink([Answer(status=500, delay=SLOWLY), Answer()]) as sink:
        subscription = make_subscription(tenant, sink.url, retry_policy=RETRIES)
        make_delivery(subscription)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: sink.requests)
            off(subscription)
            notice_changes(drain)
            turn_to_the_end(drain)
        waiting = states(subscription)

        switch_on(subscription)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: len(sink.requests) == 2)
            turn_to_the_end(drain)

    assert waiting == [(State.PENDING, 1)]
    assert states(subscription) == [(State.DELIVERED, 2)]
    assert len({each.headers["webhook-id"] for each in sink.requests}) == 1


def test_deleted_while_requests_are_on_the_wire_leaves_nothing_and_sends_nothing_more(
    tenant: Tenant, slow: Sink, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    doomed = make_subscription(tenant, slow.url, concurrency=2)
    other = make_subscription(tenant, sink.url, name="Other")
    owe(doomed, 6)

    with caplog.at_level(logging.WARNING), Drain(lease=LEASE) as drain:
        turn_until(drain, lambda: len(slow.requests) == 2)
        services.delete_subscription(doomed, actor=make_actor())
        deletion.erase_deleted()
        notice_changes(drain)
        turn_to_the_end(drain)
        late = make_delivery(other)
        turn_until(drain, lambda: late.id in {each.headers["webhook-id"] for each in sink.requests})
        turn_until(drain, lambda: not slow.concurrent)
        turn_to_the_end(drain)

    assert (len(slow.requests), len(sink.requests)) == (2, 7)
    assert set(Delivery.objects.values_list("subscription", "state")) == {
        (other.pk, State.DELIVERED)
    }
    assert Attempt.objects.filter(delivery__subscription=other).count() == 7
    assert Attempt.objects.count() == 7
    assert list(Lane.objects.values_list("pk", "owner")) == [(other.pk, None)]
    dropped = [each for each in caplog.records if each.message == "webhook.result_dropped"]
    assert len(dropped) == 2


def test_retry_by_hand_while_a_request_is_on_the_wire_does_not_send_it_twice_at_once(
    tenant: Tenant, slow: Sink
) -> None:
    subscription = make_subscription(tenant, slow.url)
    delivery = make_delivery(subscription)

    with Drain(lease=LEASE) as drain:
        turn_until(drain, lambda: slow.requests)
        services.retry_now(delivery, actor=make_actor())
        notice_changes(drain)
        turn_to_the_end(drain)

    assert len(slow.requests) == 1
    assert states(subscription) == [(State.DELIVERED, 1)]
