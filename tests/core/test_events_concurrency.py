"""The log stays whole while many write and several number at the same time."""

import random
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from core import events
from core.models import Event, EventLog, Tenant
from tests.makers import make_actor, make_event, make_tenant
from tests.parallel import in_threads

PUBLISHERS = 4
DISPATCHERS = 3
EACH = 12
PATIENCE_SECONDS = 30


batches: list[int] = []


def count(tenant: Tenant, batch: Sequence[Event]) -> None:
    batches.append(len(batch))


@pytest.fixture(autouse=True)
def _no_consumers(settings: LazySettings) -> None:
    settings.EVENT_CONSUMERS = []


def publish_some(tenant: Tenant, number: int) -> int:
    """Publish events of one entity, slowly, and take some of them back; return how many stayed."""
    chance = random.Random(number)
    stayed = 0
    for step in range(EACH):
        fails = chance.random() < 0.25
        with transaction.atomic():
            make_event(tenant, data={"step": step}, entity_id=f"E-{number}")
            time.sleep(chance.random() * 0.01)
            transaction.set_rollback(fails)
        stayed += not fails
    return stayed


def dispatch_for_a_while(number: int) -> int:
    ends_at = time.monotonic() + 1.5
    handled = 0
    while time.monotonic() < ends_at:
        handled += events.dispatch()
        time.sleep(0.005 * number)
    return handled


@pytest.mark.django_db(transaction=True)
def test_log_has_no_gap_and_no_entity_out_of_order() -> None:
    tenants = [make_tenant("acme"), make_tenant("globex")]

    def work(number: int) -> tuple[int, int]:
        if number < PUBLISHERS:
            return publish_some(tenants[number % 2], number), 0
        return 0, dispatch_for_a_while(number - PUBLISHERS)

    results = in_threads(PUBLISHERS + DISPATCHERS, work)
    late = events.dispatch()

    published = sum(stayed for stayed, _ in results)
    assert sum(handled for _, handled in results) + late == published
    for tenant in tenants:
        log = list(Event.objects.for_tenant(tenant).order_by("position"))
        assert [event.position for event in log] == list(range(1, len(log) + 1))
        assert EventLog.objects.get(tenant=tenant).last_position == len(log)
        for entity in {event.entity_id for event in log}:
            steps = [event.data["step"] for event in log if event.entity_id == entity]
            assert steps == sorted(steps)
    assert Event.objects.count() == published


@pytest.mark.django_db(transaction=True)
def test_tenant_in_the_hands_of_another_dispatcher_is_left_to_it() -> None:
    if not connection.features.has_select_for_update_skip_locked:
        pytest.skip("SQLite has one writer at a time: there is nobody to leave it to")
    busy, free = make_tenant("busy"), make_tenant("free")
    make_event(busy)
    make_event(free)
    EventLog.objects.create(tenant=busy)
    held, dispatched = threading.Event(), threading.Event()

    def work(number: int) -> int:
        if number == 0:
            with transaction.atomic():
                EventLog.objects.select_for_update().get(tenant=busy)
                held.set()
                # Given up by itself only if the dispatcher waits for the lock.
                assert dispatched.wait(PATIENCE_SECONDS)
            return 0
        assert held.wait(PATIENCE_SECONDS)
        handled = events.dispatch()
        dispatched.set()
        return handled

    handled = in_threads(2, work)

    assert handled == [0, 1]
    assert Event.objects.for_tenant(free).get().position == 1
    assert Event.objects.for_tenant(busy).get().position is None


@pytest.mark.django_db
def test_long_queue_is_handed_out_in_batches(tenant: Tenant, settings: LazySettings) -> None:
    settings.EVENT_CONSUMERS = [f"{__name__}.count"]
    start = timezone.now()
    Event.objects.bulk_create(
        [
            events.draft(
                tenant,
                "parcel.scanned",
                {"n": number},
                actor=make_actor(),
                occurred_at=start + timedelta(microseconds=number),
            )
            for number in range(3_100)
        ],
        batch_size=1_000,
    )

    handled = events.dispatch()

    assert handled == 3_100
    assert batches == [500, 500, 500, 500, 500, 500, 100]
    assert EventLog.objects.get(tenant=tenant).last_position == 3_100
    batches.clear()
