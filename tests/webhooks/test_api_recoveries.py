"""Recovering, retrying and long replays over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import Tenant
from tests.makers import make_actor
from tests.subscriptions import (
    give_up,
    make_delivery,
    make_owed,
    make_replay,
    make_subscription,
)
from webhooks import services
from webhooks.models import Delivery, Lane, Replay
from webhooks.services import recoveries

DELIVERIES = "/api/v1/webhooks/deliveries"
SUBSCRIPTIONS = "/api/v1/webhooks/subscriptions"
REPLAYS = "/api/v1/webhooks/replays"
State = Delivery.State
LONG_AGO = "2020-01-01T00:00:00Z"


def make_dead(tenant: Tenant) -> Delivery:
    delivery = make_owed(tenant)
    give_up(delivery)
    return delivery


def state_of(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def test_pending_delivery_is_sent_now(api: APIClient, tenant: Tenant) -> None:
    delivery = make_owed(tenant)
    later = timezone.now() + timedelta(hours=3)
    Delivery.objects.filter(id=delivery.id).update(next_attempt_at=later)
    Lane.objects.update(trips=2, paused_until=later)

    answer = api.post(f"{DELIVERIES}/{delivery.id}/retry")

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    delivery.refresh_from_db()
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at <= timezone.now()
    lane = Lane.objects.get(subscription=delivery.subscription_id)
    assert (lane.trips, lane.paused_until) == (0, None)


def test_finished_delivery_is_replayed_and_not_retried(api: APIClient, tenant: Tenant) -> None:
    delivery = make_dead(tenant)

    answer = api.post(f"{DELIVERIES}/{delivery.id}/retry")

    assert (answer.status_code, answer.json()["error"]) == (409, "CONFLICT")
    assert answer.json()["message"].endswith("is finished: replay it.")
    assert state_of(delivery) == State.DEAD


@pytest.mark.parametrize("action", ["replay", "retry"])
def test_subscription_that_is_switched_off_is_named_as_the_reason(
    api: APIClient, tenant: Tenant, action: str
) -> None:
    delivery = make_dead(tenant) if action == "replay" else make_owed(tenant)
    before = state_of(delivery)
    services.disable(delivery.subscription, actor=make_actor())

    answer = api.post(f"{DELIVERIES}/{delivery.id}/{action}")

    assert (answer.status_code, answer.json()["error"]) == (409, "SUBSCRIPTION_DISABLED")
    assert answer.json()["message"] == (
        "The subscription Warehouse is switched off: nothing is sent to it. Switch it on first."
    )
    assert state_of(delivery) == before


def test_recovery_is_counted_first_and_done_then(api: APIClient, tenant: Tenant) -> None:
    delivery, other = make_dead(tenant), make_dead(tenant)
    url = f"{SUBSCRIPTIONS}/{delivery.subscription_id}/recover"

    # The subscription of the first wants the event of the other too, and is owed it.
    counted = api.post(url, {"since": LONG_AGO, "dry_run": True})
    state = state_of(delivery)
    done = api.post(url, {"since": LONG_AGO})

    assert (counted.status_code, counted.json()) == (200, {"count": 1, "replay": None})
    assert state == State.DEAD
    assert (done.status_code, done.json()) == (202, {"count": 1, "replay": None})
    assert (state_of(delivery), state_of(other)) == (State.PENDING, State.DEAD)


def test_recovery_ends_before_until(api: APIClient, tenant: Tenant) -> None:
    delivery = make_dead(tenant)
    url = f"{SUBSCRIPTIONS}/{delivery.subscription_id}/recover"
    until = (timezone.now() - timedelta(minutes=1)).isoformat()

    answer = api.post(url, {"since": LONG_AGO, "until": until})

    assert answer.json() == {"count": 0, "replay": None}
    assert state_of(delivery) == State.DEAD


@pytest.mark.parametrize("body", [{"failed_since": LONG_AGO}, {"ids": ["one"]}])
def test_replay_of_several_is_counted_first(
    api: APIClient, tenant: Tenant, body: dict[str, Any]
) -> None:
    delivery = make_dead(tenant)
    chosen = {"ids": [delivery.id, make_owed(tenant).id]} if "ids" in body else body

    answer = api.post(f"{DELIVERIES}/replay", {**chosen, "dry_run": True})

    assert (answer.status_code, answer.json()) == (200, {"count": 1, "replay": None})
    assert state_of(delivery) == State.DEAD


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "since"),
        ({"since": "lately"}, "since"),
        ({"since": "2026-03-02T08:00:00Z", "until": "2026-03-02T08:00:00Z"}, "until"),
        ({"since": LONG_AGO, "dry_run": "yes"}, "dry_run"),
        ({"since": LONG_AGO, "state": "delivered"}, "state"),
    ],
)
def test_recovery_that_makes_no_sense_is_refused(
    api: APIClient, tenant: Tenant, body: dict[str, Any], path: str
) -> None:
    delivery = make_dead(tenant)

    answer = api.post(f"{SUBSCRIPTIONS}/{delivery.subscription_id}/recover", body)

    assert answer.status_code == 422
    assert [detail["path"] for detail in answer.json()["details"]] == [path]
    assert state_of(delivery) == State.DEAD


def test_recovery_of_a_subscription_that_is_switched_off_is_refused(
    api: APIClient, tenant: Tenant
) -> None:
    delivery = make_dead(tenant)
    services.disable(delivery.subscription, actor=make_actor())

    answers = [
        api.post(f"{SUBSCRIPTIONS}/{delivery.subscription_id}/recover", {"since": LONG_AGO}),
        api.post(
            f"{DELIVERIES}/replay",
            {"failed_since": LONG_AGO, "subscription": delivery.subscription_id},
        ),
    ]

    assert [(each.status_code, each.json()["error"]) for each in answers] == [
        (409, "SUBSCRIPTION_DISABLED")
    ] * 2


def test_long_replay_tells_how_far_it_is(
    api: APIClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recoveries, "BATCH_SIZE", 2)
    subscription = make_subscription(tenant)
    for _ in range(3):
        give_up(make_delivery(subscription))
    started = api.post(f"{SUBSCRIPTIONS}/{subscription.id}/recover", {"since": LONG_AGO}).json()
    url = f"{REPLAYS}/{started['replay']}"

    shown = [api.get(url).json()]
    recoveries.go_on(longest=timedelta(0))
    shown.append(api.get(url).json())
    recoveries.go_on()
    shown.append(api.get(url).json())

    assert started["count"] == 3
    assert [(each["state"], each["done"], each["total"]) for each in shown] == [
        ("running", 0, 3),
        ("running", 2, 3),
        ("finished", 3, 3),
    ]
    assert (shown[0]["subscription"], shown[0]["since"]) == (subscription.id, LONG_AGO)
    assert [each["id"] for each in api.get(REPLAYS).json()["data"]] == [started["replay"]]


def test_long_replay_can_be_stopped(api: APIClient, tenant: Tenant) -> None:
    replay = make_replay(tenant)

    answers = [api.post(f"{REPLAYS}/{replay.id}/cancel") for _ in range(2)]

    assert [(each.status_code, each.json()["state"]) for each in answers] == [
        (200, "canceled"),
        (200, "canceled"),
    ]
    assert Replay.objects.get().finished_at is not None


def test_what_has_not_arrived_is_one_question(api: APIClient, tenant: Tenant) -> None:
    dead, owed = make_dead(tenant), make_owed(tenant)
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    query = {"state": "pending,dead", "subscription": owed.subscription_id, "since": since}

    rows = api.get(DELIVERIES, query).json()["data"]

    assert [row["id"] for row in rows] == [owed.id]
    assert dead.id not in [row["id"] for row in rows]
