"""Events: written with their change, numbered once, handed to whoever reacts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import transaction

from core import events
from core.errors import DispatchFailedError, ImmutableError
from core.models import Event, EventLog, Tenant
from tests.makers import make_event, make_tenant

NOW = datetime(2026, 3, 1, tzinfo=UTC)
received: list[tuple[str, list[int | None]]] = []
poisoned: set[str] = set()


def consume(tenant: Tenant, batch: Sequence[Event]) -> None:
    """Note what arrives; fail for a tenant that is poisoned."""
    if tenant.slug in poisoned:
        raise RuntimeError("poison")
    received.append((tenant.slug, [event.position for event in batch]))


@pytest.fixture(autouse=True)
def _one_consumer(settings: LazySettings) -> Iterator[None]:
    settings.EVENT_CONSUMERS = [f"{__name__}.consume"]
    yield
    received.clear()
    poisoned.clear()


def positions(tenant: Tenant) -> list[int | None]:
    rows = Event.objects.for_tenant(tenant).order_by("occurred_at", "id")
    return list(rows.values_list("position", flat=True))


def test_events_get_places_in_the_order_in_which_they_happened(tenant: Tenant) -> None:
    for seconds in (2, 0, 1):
        make_event(tenant, occurred_at=NOW + timedelta(seconds=seconds))

    handled = events.dispatch()

    assert handled == 3
    assert positions(tenant) == [1, 2, 3]
    assert received == [("acme", [1, 2, 3])]
    assert EventLog.objects.get(tenant=tenant).last_position == 3


def test_dispatching_again_hands_out_nothing_twice(tenant: Tenant) -> None:
    make_event(tenant)
    events.dispatch()

    handled = events.dispatch()

    assert handled == 0
    assert received == [("acme", [1])]


def test_change_that_is_rolled_back_has_no_event_and_leaves_no_gap(tenant: Tenant) -> None:
    make_event(tenant)
    with transaction.atomic():
        make_event(tenant)
        transaction.set_rollback(True)
    make_event(tenant)

    events.dispatch()

    assert positions(tenant) == [1, 2]


def test_failing_consumer_takes_everything_back_and_is_tried_again(tenant: Tenant) -> None:
    make_event(tenant)
    poisoned.add("acme")
    with pytest.raises(DispatchFailedError, match=tenant.id):
        events.dispatch()
    failed = (positions(tenant), EventLog.objects.get(tenant=tenant).last_position)
    poisoned.clear()

    events.dispatch()

    assert failed == ([None], 0)
    assert positions(tenant) == [1]


def test_poisoned_tenant_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture, db: None
) -> None:
    tenants = [make_tenant(slug) for slug in ("a", "b", "c")]
    for tenant in tenants * 2:
        make_event(tenant)
    poisoned.add("b")

    with pytest.raises(DispatchFailedError):
        events.dispatch()

    assert [positions(tenant) for tenant in tenants] == [[1, 2], [None, None], [1, 2]]
    logged = [record for record in caplog.records if record.message == "events.dispatch_failed"]
    assert len(logged) == 1
    assert logged[0].exc_info is not None


def test_big_tenant_gets_one_batch_a_round_like_everybody(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(events, "BATCH_SIZE", 2)
    big, small = make_tenant("big"), make_tenant("small")
    for _ in range(6):
        make_event(big)
    make_event(small)

    events.dispatch()

    assert [slug for slug, _ in received[:2]] in (["big", "small"], ["small", "big"])
    assert [batch for slug, batch in received if slug == "big"] == [[1, 2], [3, 4], [5, 6]]


def test_batch_is_bounded_by_the_size_of_its_data(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BATCH_CHARACTERS", 1000)
    for size in (400, 400, 400, 5000, 10):
        make_event(tenant, data={"text": "a" * size})

    events.dispatch()

    assert [batch for _, batch in received] == [[1, 2], [3], [4], [5]]


def test_run_ends_when_its_time_is_over_and_asks_for_another(
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: type,
) -> None:
    monkeypatch.setattr(events, "BATCH_SIZE", 1)
    for _ in range(3):
        make_event(tenant)

    with django_capture_on_commit_callbacks() as callbacks:
        handled = events.dispatch(longest=timedelta(0))

    assert handled == 1
    assert len(callbacks) == 1
    assert positions(tenant) == [1, None, None]


def test_published_event_cannot_be_altered(tenant: Tenant) -> None:
    event = make_event(tenant)
    event.type = "parcel.stolen"

    with pytest.raises(ImmutableError):
        event.save()

    event.refresh_from_db()
    assert event.type == "parcel.dispatched"
