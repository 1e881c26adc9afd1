"""Wake-ups: a thousand commits queue one task, and a lost one is made up for."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from core import events, tasks, wakeups
from core.models import Event, Tenant, Wakeup
from tests.makers import make_event
from tests.parallel import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_consumers(settings: LazySettings) -> Iterator[None]:
    settings.EVENT_CONSUMERS = []
    yield
    OrmQ.objects.all().delete()


def queued() -> list[str]:
    return [row.task["func"] for row in OrmQ.objects.all()]


def test_committed_event_queues_the_dispatcher(tenant: Tenant) -> None:
    make_event(tenant)

    assert queued() == [events.DISPATCH_TASK]


def test_change_that_is_rolled_back_wakes_nobody(tenant: Tenant) -> None:
    with transaction.atomic():
        make_event(tenant)
        transaction.set_rollback(True)

    assert queued() == []


def test_wake_ups_that_wait_are_joined(tenant: Tenant) -> None:
    for _ in range(5):
        make_event(tenant)

    assert queued() == [events.DISPATCH_TASK]


def test_simultaneous_commits_queue_one_task(tenant: Tenant) -> None:
    in_threads(8, lambda number: make_event(tenant).id)

    assert queued() == [events.DISPATCH_TASK]
    assert Event.objects.count() == 8


def test_what_is_committed_after_the_task_has_started_wakes_it_again(tenant: Tenant) -> None:
    make_event(tenant)
    OrmQ.objects.all().delete()
    wakeups.answered(events.DISPATCH_TASK)

    make_event(tenant)

    assert queued() == [events.DISPATCH_TASK]


def test_task_that_ran_has_seen_everything_and_left_nothing_waiting(tenant: Tenant) -> None:
    make_event(tenant)
    OrmQ.objects.all().delete()

    handled = tasks.dispatch_events()

    assert handled == 1
    assert Wakeup.objects.get(task=events.DISPATCH_TASK).queued is False


def test_lost_place_in_the_queue_is_made_up_for_by_the_safety_net(tenant: Tenant) -> None:
    make_event(tenant)
    OrmQ.objects.all().delete()  # the place is lost; the flag still says that it waits
    make_event(tenant)
    silent = queued()

    handled = tasks.dispatch_events()  # what the schedule runs every minute
    make_event(tenant)

    assert silent == []
    assert handled == 2
    assert queued() == [events.DISPATCH_TASK]


def test_no_commit_is_left_without_a_wake_up_while_tasks_start(tenant: Tenant) -> None:
    """Publishers race with workers: what is not dispatched in the end has a task waiting."""

    def work(number: int) -> None:
        for _ in range(10):
            if number < 4:
                make_event(tenant)
            elif OrmQ.objects.all().delete()[0]:
                tasks.dispatch_events()

    in_threads(6, work)

    waiting = Event.objects.filter(position=None).count()
    assert waiting == 0 or queued() == [events.DISPATCH_TASK]


def test_seat_of_a_worker_that_died_with_a_fast_clock_is_free() -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        taken = wakeups.take_seat("a.task", 1)

    assert taken == "a.task #1"
    assert wakeups.has_free_seat("a.task", 1)
    assert wakeups.take_seat("a.task", 1) == taken
    assert not wakeups.has_free_seat("a.task", 1)


def test_task_that_was_attended_by_a_fast_clock_is_queued(tenant: Tenant) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        wakeups.attend([events.DISPATCH_TASK])

    make_event(tenant)

    assert queued() == [events.DISPATCH_TASK]
