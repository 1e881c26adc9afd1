from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from core import events
from core.models import Event, Tenant
from core.types import Actor
from records import feed, services
from records.errors import CursorExpiredError, InvalidCursorError
from records.models import Record, RecordType
from records.types import Operation
from tests.orders import dispatch, order

NOON = datetime(2026, 3, 7, 12, tzinfo=UTC)


def tell(tenant: Tenant, actor: Actor, *moments: datetime) -> None:
    """Log one creation per moment, in the order given."""
    for moment in moments:
        events.publish(
            tenant,
            "order.created",
            {"id": "rec_x"},
            actor=actor,
            occurred_at=moment,
            record_type="order",
        )
        dispatch()


def positions(tenant: Tenant, after: int = 0, limit: int = 100, **options: list[str]) -> list[int]:
    return [each.position for each in feed.read(tenant, after, limit=limit, **options).changes]


def test_the_feed_tells_the_life_of_a_record(tenant: Tenant, stored: Record, actor: Actor) -> None:
    changed = services.merge_record(tenant, "order", stored.id, {"total": None}, actor=actor)
    services.delete_record(tenant, "order", stored.id, actor=actor)
    dispatch()

    page = feed.read(tenant, 0, limit=10)

    created, updated, deleted = page.changes
    assert (page.position, page.has_more) == (3, False)
    assert [each.position for each in page.changes] == [1, 2, 3]
    assert {(each.type, each.id) for each in page.changes} == {("order", stored.id)}
    assert (created.operation, created.data, created.changes) == (
        Operation.CREATED,
        stored.data,
        None,
    )
    assert (updated.operation, updated.data) == (Operation.UPDATED, changed.data)
    assert (updated.at, updated.changes) == (changed.updated_at, {"total": {"old": 12.5}})
    assert (deleted.operation, deleted.data, deleted.changes) == (
        Operation.DELETED,
        changed.data,
        None,
    )


def test_only_changes_with_a_place_in_the_log_are_told(tenant: Tenant, stored: Record) -> None:
    assert feed.read(tenant, 0, limit=10).changes == []

    dispatch()

    assert positions(tenant) == [1]


def test_events_that_are_no_changes_of_records_are_passed_over(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    events.publish(tenant, "order.updated", {}, actor=actor, occurred_at=timezone.now())
    events.publish(tenant, "order.shipped", {}, actor=actor, occurred_at=timezone.now())
    dispatch()

    page = feed.read(tenant, 0, limit=10)

    assert [each.position for each in page.changes] == [1]
    assert page.position == 3


def test_a_page_ends_at_its_limit(tenant: Tenant, actor: Actor) -> None:
    tell(tenant, actor, *[NOON] * 5)

    first = feed.read(tenant, 0, limit=2)
    second = feed.read(tenant, first.position, limit=3)

    assert (first.position, first.has_more) == (2, True)
    assert (second.position, second.has_more) == (5, False)
    assert [each.position for each in second.changes] == [3, 4, 5]


def test_types_can_be_chosen(tenant: Tenant, stored: Record, actor: Actor) -> None:
    for slug in ("invoice", "note"):
        services.create_record_type(tenant, slug, name=slug.title(), actor=actor)
        services.create_record(tenant, slug, {}, actor=actor)
    services.merge_record(tenant, "order", stored.id, {"total": 1}, actor=actor)
    dispatch()

    assert positions(tenant, types=["order"]) == [1, 4]
    assert positions(tenant, types=["note", "order", "order"]) == [1, 3, 4]
    assert positions(tenant, types=["order", "note"], limit=2) == [1, 3]
    assert positions(tenant, types=["unknown"]) == []
    assert feed.read(tenant, 0, limit=1, types=["note"]).position == 4
    assert feed.read(tenant, 0, limit=1, types=["order", "note"]).position == 1


def test_a_deleted_type_stays_in_the_feed(tenant: Tenant, stored: Record, actor: Actor) -> None:
    services.delete_record(tenant, "order", stored.id, actor=actor)
    services.delete_record_type(tenant, "order", actor=actor)
    dispatch()

    assert positions(tenant, types=["order"]) == positions(tenant) == [1, 2]


def test_a_stranger_reads_nothing(tenant: Tenant, stranger: Tenant, stored: Record) -> None:
    dispatch()

    assert feed.read(stranger, 0, limit=10).changes == []
    assert feed.beginning(stranger) == 0


@pytest.mark.parametrize(
    ("minutes", "position"),
    [
        pytest.param(-60, 0, id="before-everything"),
        pytest.param(5, 0, id="earliest-could-be-out-of-order"),
        pytest.param(6, 1, id="behind-the-first"),
        pytest.param(16, 2, id="behind-the-second"),
        pytest.param(26, 3, id="behind-the-third"),
        pytest.param(600, 3, id="after-everything"),
    ],
)
def test_a_moment_leads_to_a_place_before_it(
    tenant: Tenant, actor: Actor, minutes: int, position: int
) -> None:
    tell(tenant, actor, NOON, NOON + timedelta(minutes=10), NOON + timedelta(minutes=20))

    assert feed.position_at(tenant, NOON + timedelta(minutes=minutes), now=NOON) == position


def test_a_moment_leads_to_a_place_before_changes_that_are_out_of_order(
    tenant: Tenant, actor: Actor
) -> None:
    late = [timedelta(minutes=minutes) for minutes in (0, 4, 1, 5, 3, 8, 6, 12, 9, 14, 11)]
    tell(tenant, actor, *[NOON + each for each in late])

    for minutes in range(20):
        since = NOON + timedelta(minutes=minutes)
        missed = Event.objects.filter(
            position__lte=feed.position_at(tenant, since, now=NOON), occurred_at__gte=since
        )
        assert list(missed) == []


def test_a_moment_in_an_empty_log_leads_to_its_beginning(tenant: Tenant) -> None:
    assert feed.position_at(tenant, NOON, now=NOON) == 0


def test_a_place_whose_changes_were_purged_has_expired(tenant: Tenant, actor: Actor) -> None:
    tell(tenant, actor, *[NOON + timedelta(hours=hour) for hour in range(5)])
    Event.objects.filter(position__lte=2).delete()
    now = NOON + timedelta(days=1)

    assert feed.beginning(tenant) == 2
    assert positions(tenant, 2) == [3, 4, 5]
    assert feed.position_at(tenant, NOON + timedelta(hours=3), now=now) == 3
    with pytest.raises(CursorExpiredError):
        feed.read(tenant, 1, limit=10)
    with pytest.raises(CursorExpiredError):
        feed.position_at(tenant, NOON + timedelta(hours=1), now=now)


def test_a_log_of_which_nothing_is_kept_goes_on_at_its_end(tenant: Tenant, actor: Actor) -> None:
    tell(tenant, actor, NOON, NOON)
    Event.objects.all().delete()
    now = NOON + timedelta(days=1)

    assert feed.beginning(tenant) == 2
    assert feed.read(tenant, 2, limit=10).changes == []
    assert feed.position_at(tenant, now, now=now) == 2
    with pytest.raises(CursorExpiredError):
        feed.position_at(tenant, NOON, now=now)


def test_a_place_beyond_the_end_is_refused(tenant: Tenant, stored: Record) -> None:
    dispatch()

    with pytest.raises(InvalidCursorError):
        feed.read(tenant, 2, limit=10)


def test_a_change_whose_data_was_emptied_is_still_told(tenant: Tenant, stored: Record) -> None:
    dispatch()
    Event.objects.update(data=None)

    [change] = feed.read(tenant, 0, limit=10).changes

    assert (change.id, change.data, change.changes) == (stored.id, None, None)


def test_changes_of_a_record_come_in_their_order_when_the_clock_goes_back(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    with time_machine.travel(NOON, tick=False):
        record = services.create_record(tenant, "order", order(), actor=actor)
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        services.merge_record(tenant, "order", record.id, {"status": "paid"}, actor=actor)
        services.delete_record(tenant, "order", record.id, actor=actor)
    dispatch()

    operations = [each.operation for each in feed.read(tenant, 0, limit=10).changes]

    assert operations == [Operation.CREATED, Operation.UPDATED, Operation.DELETED]
