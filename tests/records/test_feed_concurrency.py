"""The promise of the feed, under load: every committed change, once, in the order of its record."""

import random
import threading
import time
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError, transaction

from core import events
from core.models import Event, Tenant
from core.types import Actor
from records import feed, services
from records.errors import UnknownRecordError
from records.models import Record
from records.types import Change, Operation
from tests.makers import make_actor, make_tenant
from tests.orders import make_order_type, order
from tests.parallel import in_threads

WRITERS = 4
DISPATCHERS = 2
STEPS = 20
PATIENCE_SECONDS = 60

# A change as writer and reader both see it: which record, what happened, the data.
Seen = tuple[str, Operation, str]


class Writers:
    """Threads that create, change and delete the same few records, slowly and not always for good."""

    def __init__(self, tenant: Tenant, seed: int) -> None:
        self.tenant = tenant
        self.actor: Actor = make_actor()
        self.seed = seed
        self.committed: list[Seen] = []
        self.running = WRITERS
        self.lock = threading.Lock()

    def write(self, number: int) -> None:
        """Be one of the writers."""
        dice = random.Random(self.seed * WRITERS + number)
        try:
            for step in range(STEPS):
                self._step(dice, f"{number}.{step}")
        finally:
            with self.lock:
                self.running -= 1

    def _step(self, dice: random.Random, name: str) -> None:
        try:
            with transaction.atomic():
                changes = [
                    self._change(dice, f"{name}.{part}") for part in range(dice.randint(1, 2))
                ]
                time.sleep(dice.uniform(0, 0.01))
                if dice.random() < 0.2:
                    transaction.set_rollback(True)
                    changes = []
        except UnknownRecordError:
            return
        except OperationalError as error:
            # Two writers may lock two records in opposite order: PostgreSQL undoes one of them.
            assert "deadlock" in str(error)  # noqa: PT017  # any other error is none of theirs
            return
        with self.lock:
            self.committed += changes

    def _change(self, dice: random.Random, name: str) -> Seen:
        known = list(Record.objects.for_tenant(self.tenant).values_list("id", flat=True)[:5])
        if not known or dice.random() < 0.3:
            record = services.create_record(self.tenant, "order", order(name), actor=self.actor)
            return seen(record.id, Operation.CREATED, record.data)
        record_id = str(dice.choice(known))
        if dice.random() < 0.8:
            record = services.merge_record(
                self.tenant, "order", record_id, {"note": name}, actor=self.actor
            )
            return seen(record_id, Operation.UPDATED, record.data)
        last = Record.objects.select_for_update().filter(id=record_id).first()
        services.delete_record(self.tenant, "order", record_id, actor=self.actor)
        assert last is not None
        return seen(record_id, Operation.DELETED, last.data)


def seen(record_id: str, operation: Operation, data: Any) -> Seen:
    return record_id, operation, repr(sorted(data.items()))


def dispatch_while_written(writers: Writers) -> None:
    while writers.running:
        events.dispatch()
        time.sleep(0.002)
    events.dispatch()


def read_while_written(writers: Writers, dice: random.Random, types: list[str]) -> list[Change]:
    """Page through the feed with limits of all kinds until nothing can follow any more."""
    changes: list[Change] = []
    position = 0
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        finished = not writers.running and not Event.objects.filter(position=None).exists()
        page = feed.read(writers.tenant, position, limit=dice.randint(1, 7), types=types)
        changes += page.changes
        position = page.position
        if finished and not page.has_more:
            return changes
    raise AssertionError("the readers did not come to an end")


def life(changes: list[Change]) -> None:
    """Assert that the changes of one record follow from each other."""
    assert [each.operation for each in changes[1:-1]] == [Operation.UPDATED] * (len(changes) - 2)
    assert changes[0].operation == Operation.CREATED
    for before, after in pairwise(changes):
        assert before.position < after.position
        assert before.at < after.at
        assert before.data is not None
        if after.operation == Operation.UPDATED:
            assert after.changes is not None
            assert after.changes["note"].get("old") == before.data.get("note")  # type: ignore[union-attr]
        else:
            assert after.operation == Operation.DELETED
            assert after.data == before.data


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(3))
def test_readers_get_every_committed_change_once_and_in_order(seed: int) -> None:
    tenant = make_tenant("acme")
    make_order_type(tenant)
    writers = Writers(tenant, seed)

    def work(number: int) -> list[Change]:
        if number < WRITERS:
            writers.write(number)
        elif number < WRITERS + DISPATCHERS:
            dispatch_while_written(writers)
        else:
            types = ["order"] if number % 2 else []
            return read_while_written(writers, random.Random(seed), types)
        return []

    results = in_threads(WRITERS + DISPATCHERS + 2, work)

    assert writers.committed
    for changes in results[-2:]:
        told = [seen(each.id, each.operation, each.data) for each in changes]
        assert Counter(told) == Counter(writers.committed)
        positions = [each.position for each in changes]
        assert positions == list(range(1, len(positions) + 1))
        lives: dict[str, list[Change]] = defaultdict(list)
        for each in changes:
            lives[each.id].append(each)
        for one in lives.values():
            life(one)
