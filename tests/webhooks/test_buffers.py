"""What a worker reads ahead: each delivery once, whatever stands where in the queue."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core import events
from core.models import Tenant
from tests.subscriptions import make_subscription, publish
from webhooks import lanes
from webhooks.buffers import Buffers
from webhooks.models import Delivery, Subscription
from webhooks.open_lanes import OpenLane


@pytest.fixture
def subscription(tenant: Tenant) -> Subscription:
    subscription = make_subscription(tenant)
    for _ in range(30):
        publish(tenant)
    events.dispatch()
    return subscription


def opened(subscription: Subscription) -> OpenLane:
    """Take the lane; its receiver is given up to four at once, for which eight are read ahead."""
    (taken,) = lanes.take(uuid4(), 1, timezone.now(), lanes.LEASE)
    assert taken.subscription_id == subscription.id
    return taken


def fill(buffers: Buffers, lane: OpenLane) -> list[str]:
    """Read ahead; return what has been added to the lane."""
    before = len(lane.buffer)
    buffers.look()
    buffers.fill({lane.subscription_id: lane}, 0.0, timezone.now())
    return [due.id for due in lane.buffer][before:]


def send(buffers: Buffers, lane: OpenLane, count: int) -> None:
    for _ in range(count):
        buffers.sending(lane.take(0.0))


def test_whole_queue_is_read_in_its_order_and_nothing_twice(subscription: Subscription) -> None:
    buffers, lane = Buffers(), opened(subscription)

    read: list[str] = []
    while added := fill(buffers, lane):
        read += added
        send(buffers, lane, len(lane.buffer))

    owed = Delivery.objects.order_by("next_attempt_at", "id").values_list("id", flat=True)
    assert read == list(owed)


def test_no_more_is_read_than_can_be_sent_soon(subscription: Subscription) -> None:
    buffers, lane = Buffers(), opened(subscription)

    first = fill(buffers, lane)
    second = fill(buffers, lane)

    assert (len(first), len(second)) == (8, 0)


@pytest.mark.parametrize("in_hand", [0, 8, 20])
def test_what_was_committed_late_is_found_by_looking_back(
    subscription: Subscription, in_hand: int
) -> None:
    buffers, lane = Buffers(), opened(subscription)
    fill(buffers, lane)
    while lane.in_flight < in_hand:
        send(buffers, lane, 4)
        fill(buffers, lane)
    late = Delivery.objects.order_by("-id")[0]
    Delivery.objects.filter(id=late.id).update(next_attempt_at=timezone.now() - timedelta(hours=1))
    send(buffers, lane, len(lane.buffer))

    lane.look_back()
    read = fill(buffers, lane)

    assert read[0] == late.id


def test_delivery_whose_place_changes_while_it_is_in_hand_is_not_read_again(
    subscription: Subscription,
) -> None:
    buffers, lane = Buffers(), opened(subscription)
    moved = fill(buffers, lane)[0]
    Delivery.objects.filter(id=moved).update(next_attempt_at=timezone.now())

    read: list[str] = []
    while lane.buffer:
        send(buffers, lane, len(lane.buffer))
        read += fill(buffers, lane)

    assert len(read) == len(set(read)) == 22
    assert moved not in read


def test_what_was_thrown_away_is_read_again(subscription: Subscription) -> None:
    buffers, lane = Buffers(), opened(subscription)
    first = fill(buffers, lane)

    buffers.empty(lane)
    lane.look_back()

    assert fill(buffers, lane) == first
