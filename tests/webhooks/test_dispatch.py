"""Which events are owed to which subscriptions."""

from typing import Any

import pytest
from django_q.models import OrmQ
from jsonschema import Draft202012Validator

from core import events
from core import services as core_services
from core.models import Tenant
from tests.makers import make_actor
from tests.subscriptions import NOWHERE, make_subscription, publish
from webhooks import dispatch, event_types, services
from webhooks.models import Delivery, Subscription


def owed(subscription: Subscription) -> list[str]:
    deliveries = Delivery.objects.filter(subscription=subscription).order_by("id")
    return [delivery.event.type for delivery in deliveries.select_related("event")]


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        (["order.created"], ["order.created"]),
        (["order.*"], ["order.created", "order.updated"]),
        (["*"], ["order.created", "order.updated", "user.created"]),
        (["*.created", "order.*"], ["order.created", "order.updated", "user.created"]),
        (["invoice.*"], []),
    ],
)
def test_subscription_gets_the_events_it_asks_for(
    tenant: Tenant, patterns: list[str], wanted: list[str]
) -> None:
    subscription = make_subscription(tenant, NOWHERE, event_types=patterns)
    for event_type in ("order.created", "order.updated", "user.created"):
        publish(tenant, event_type)

    events.dispatch()

    assert owed(subscription) == wanted


def test_events_of_another_tenant_are_not_owed(tenant: Tenant, stranger: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE, event_types=["*"])
    publish(stranger)

    events.dispatch()

    assert owed(subscription) == []


def test_event_handed_out_twice_is_owed_once(tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE)
    event = publish(tenant)
    events.dispatch()

    dispatch.consume(tenant, [event])

    assert owed(subscription) == ["order.created"]


def test_subscription_that_is_off_gets_no_new_deliveries(tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE)
    services.disable(subscription, actor=make_actor())
    publish(tenant)

    events.dispatch()

    assert owed(subscription) == []


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("order.total > 100 && order.status == 'paid'", 1),
        ("order.total > 1000", 0),
        ("event.type == 'order.created'", 1),
        ("length(data.items) == 1", 1),
        ("order.region == config.region", 0),
    ],
)
def test_filter_decides_by_the_data_of_the_event(
    tenant: Tenant, expression: str, number: int
) -> None:
    core_services.set_config_value(tenant, "region", "north", actor=make_actor())
    subscription = make_subscription(tenant, NOWHERE, filter=expression)
    publish(tenant)

    events.dispatch()

    assert len(owed(subscription)) == number


def test_event_on_which_the_filter_fails_is_dead_and_says_why(tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE, filter="order.total > 100")
    publish(tenant, data={"id": "1", "total": "a lot"})
    publish(tenant, data={"id": "2", "total": 101})

    events.dispatch()

    dead, pending = Delivery.objects.filter(subscription=subscription).order_by("event_id")
    assert (dead.state, pending.state) == (Delivery.State.DEAD, Delivery.State.PENDING)
    assert dead.last_error.startswith("filter: ")
    assert "a lot" not in dead.last_error
    assert (dead.attempts, dead.next_attempt_at) == (0, None)


def test_filter_that_gives_no_boolean_fails(tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE, filter="order.total")
    publish(tenant)

    events.dispatch()

    delivery = Delivery.objects.get(subscription=subscription)
    assert delivery.state == Delivery.State.DEAD
    assert "true or false" in delivery.last_error


def test_committed_deliveries_wake_a_worker_once(
    tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    make_subscription(tenant, NOWHERE)
    publish(tenant)
    publish(tenant)

    with django_capture_on_commit_callbacks(execute=True):
        events.dispatch()

    assert [queued.func() for queued in OrmQ.objects.all()].count("webhooks.tasks.deliver") == 1


def test_catalogue_describes_the_events_of_failing_subscriptions(tenant: Tenant) -> None:
    infos = event_types.describe(tenant)

    assert [info.name for info in infos] == [
        "webhook.subscription.disabled",
        "webhook.subscription.failing",
    ]
    for info in infos:
        Draft202012Validator(info.schema).validate(info.example)
