"""The log of deliveries over the API, and sending them again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import AuditEntry, Tenant
from tests.sinks import Answer, Sink
from tests.subscriptions import NOWHERE, make_delivery, make_owed, make_subscription
from webhooks import delivery as delivering
from webhooks.models import Delivery

BASE = "/api/v1/webhooks/deliveries"


def ids_of(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


def make_dead(tenant: Tenant, finished_at: Any = None) -> Delivery:
    delivery = make_owed(tenant)
    Delivery.objects.filter(id=delivery.id).update(
        state=Delivery.State.DEAD,
        next_attempt_at=None,
        finished_at=finished_at or timezone.now(),
        attempts=8,
        failures=8,
    )
    delivery.refresh_from_db()
    return delivery


def test_delivery_shows_its_attempts(api: APIClient, tenant: Tenant) -> None:
    with Sink([Answer(status=503, body=b"later", headers={"X-Why": "busy"})]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))
        delivering.drain()

    shown = api.get(f"{BASE}/{delivery.id}").json()
    listed = api.get(f"{BASE}/{delivery.id}/attempts").json()["data"]

    assert shown["id"] == delivery.id
    assert (shown["event"], shown["event_type"]) == (delivery.event_id, "order.created")
    assert (shown["state"], shown["attempt_count"]) == ("pending", 1)
    assert shown["last_error"] == "the receiver answered 503"
    assert shown["attempts"] == listed
    (attempt,) = listed
    assert (attempt["number"], attempt["status_code"]) == (1, 503)
    assert (attempt["error_code"], attempt["response_body"]) == ("", "later")
    assert {"name": "X-Why", "value": "busy"} in attempt["response_headers"]


def test_list_can_be_narrowed_down(api: APIClient, tenant: Tenant) -> None:
    created = make_delivery(make_subscription(tenant, NOWHERE))
    updated = make_delivery(created.subscription, "order.updated")
    other = make_dead(tenant)
    # Both subscriptions want the event that the other one was made with.
    Delivery.objects.exclude(id__in=[created.id, updated.id, other.id]).delete()

    assert ids_of(api.get(BASE)) == [other.id, updated.id, created.id]
    assert ids_of(api.get(BASE, {"subscription": created.subscription_id})) == [
        updated.id,
        created.id,
    ]
    assert ids_of(api.get(BASE, {"event": updated.event_id})) == [updated.id]
    assert ids_of(api.get(BASE, {"event_type": "order.updated"})) == [updated.id]
    assert ids_of(api.get(BASE, {"state": "dead"})) == [other.id]
    assert ids_of(api.get(BASE, {"state": "dead,pending"})) == [other.id, updated.id, created.id]
    assert ids_of(api.get(BASE, {"state": "delivered"})) == []
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    assert ids_of(api.get(BASE, {"since": tomorrow})) == []
    assert len(ids_of(api.get(BASE, {"until": tomorrow}))) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subscription", "sub_1"),
        ("subscription", "evt_01jd3k8x5rf0bv6zq2n9y4t7hm"),
        ("event", "x"),
        ("state", "sleeping"),
        ("state", "dead,sleeping"),
        ("since", "yesterday"),
        ("color", "red"),
    ],
)
def test_filter_that_makes_no_sense_is_refused(
    api: APIClient, tenant: Tenant, name: str, value: str
) -> None:
    answer = api.get(BASE, {name: value})

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER")


def test_replayed_delivery_is_sent_again_with_all_its_retries(
    api: APIClient, tenant: Tenant
) -> None:
    delivery = make_dead(tenant)

    answer = api.post(f"{BASE}/{delivery.id}/replay")

    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["attempt_count"]) == ("pending", 8)
    delivery.refresh_from_db()
    assert (delivery.failures, delivery.finished_at) == (0, None)
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at <= timezone.now()
    assert AuditEntry.objects.filter(action="delivery.replayed").count() == 1


def test_replay_goes_on_counting_attempts(api: APIClient, tenant: Tenant) -> None:
    with Sink() as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))
        delivering.drain()
        api.post(f"{BASE}/{delivery.id}/replay")

        delivering.drain()

    assert [request.headers["webhook-id"] for request in sink.requests] == [delivery.id] * 2
    numbers = [attempt["number"] for attempt in api.get(f"{BASE}/{delivery.id}").json()["attempts"]]
    assert numbers == [2, 1]


def test_pending_delivery_cannot_be_replayed(api: APIClient, tenant: Tenant) -> None:
    delivery = make_owed(tenant)

    answer = api.post(f"{BASE}/{delivery.id}/replay")

    assert (answer.status_code, answer.json()["error"]) == (409, "CONFLICT")
    assert AuditEntry.objects.filter(action="delivery.replayed").count() == 0


def test_selection_is_replayed_as_far_as_it_is_finished_and_ones_own(
    api: APIClient, tenant: Tenant, stranger: Tenant
) -> None:
    mine, pending, theirs = make_dead(tenant), make_owed(tenant), make_dead(stranger)

    answer = api.post(f"{BASE}/replay", {"ids": [mine.id, pending.id, theirs.id]})

    assert (answer.status_code, answer.json()) == (202, {"count": 1, "replay": None})
    theirs.refresh_from_db()
    assert theirs.state == Delivery.State.DEAD


def test_what_was_given_up_since_a_moment_is_replayed(api: APIClient, tenant: Tenant) -> None:
    now = timezone.now()
    long_ago, lately, other = (
        make_dead(tenant, now - timedelta(hours=3)),
        make_dead(tenant, now - timedelta(hours=1)),
        make_dead(tenant, now - timedelta(hours=1)),
    )
    since = (now - timedelta(hours=2)).isoformat()

    answer = api.post(
        f"{BASE}/replay", {"failed_since": since, "subscription": lately.subscription_id}
    )

    assert answer.json() == {"count": 1, "replay": None}
    states = Delivery.objects.in_bulk([long_ago.id, lately.id, other.id])
    assert states[lately.id].state == Delivery.State.PENDING
    assert states[long_ago.id].state == states[other.id].state == Delivery.State.DEAD


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"ids": []}, 422),
        ({"ids": ["x"] * 1_001}, 422),
        ({"ids": ["dlv_1"], "failed_since": "2026-03-02T08:00:00Z"}, 422),
        ({"ids": ["dlv_1"], "subscription": "sub_1"}, 422),
        ({"failed_since": "soon"}, 422),
        ({"failed_since": "2026-03-02T08:00:00Z", "subscription": "sub_1"}, 404),
        ({"ids": ["no id"]}, 404),
    ],
)
def test_selection_that_makes_no_sense_replays_nothing(
    api: APIClient, tenant: Tenant, body: dict[str, Any], status: int
) -> None:
    delivery = make_dead(tenant)

    answer = api.post(f"{BASE}/replay", body)

    assert answer.status_code == status
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DEAD


def test_subscription_of_a_stranger_selects_nothing(
    api: APIClient, tenant: Tenant, stranger: Tenant
) -> None:
    theirs = make_dead(stranger)
    body = {"failed_since": "2020-01-01T00:00:00Z", "subscription": theirs.subscription_id}

    answer = api.post(f"{BASE}/replay", body)

    assert answer.status_code == 404
