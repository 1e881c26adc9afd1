"""What may be sent from a lane that keeps an order, however much is held up in it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from core.ids import decode
from core.models import Event, Tenant
from tests.makers import make_event
from tests.subscriptions import make_subscription
from webhooks import ordered, queue
from webhooks.models import Delivery, Subscription
from webhooks.ordered import BEGINNING, LOOK_LATER, Walk
from webhooks.queue import Wanted

SECOND = timedelta(seconds=1)
# As much as no single look sees.
CROWD = 1_600


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A delivery to be made: of which key, due how many seconds from now, and how it went so far."""

    key: str = "A"
    due_in: int = -60
    failures: int = 0
    age: int = 60


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def subscription(tenant: Tenant) -> Subscription:
    return make_subscription(tenant, ordering=Subscription.Ordering.BLOCK)


def owe(subscription: Subscription, owed: Sequence[Owed], now: datetime) -> list[str]:
    """Make deliveries at positions 1, 2, 3 …; return their ids."""
    first = make_event(subscription.tenant, data={"n": 1})
    events = [
        Event(
            tenant=subscription.tenant,
            type=first.type,
            actor=first.actor,
            data=first.data,
            occurred_at=now,
        )
        for _ in owed
    ]
    Event.objects.bulk_create(events)
    made = Delivery.objects.bulk_create(
        Delivery(
            tenant=subscription.tenant,
            subscription=subscription,
            event=event,
            position=position,
            ordering_key=each.key,
            failures=each.failures,
            attempts=each.failures,
            next_attempt_at=now + each.due_in * SECOND,
            created_at=now - each.age * SECOND,
        )
        for position, (event, each) in enumerate(zip(events, owed, strict=True), 1)
    )
    return [delivery.id for delivery in made]


def read(
    subscription: Subscription,
    now: datetime,
    *,
    limit: int = 8,
    walk: Walk | None = None,
    blocks_since: datetime = BEGINNING[0],
) -> list[str]:
    wanted = Wanted(
        subscription_id=subscription.id,
        limit=limit,
        ordered=True,
        blocks_since=blocks_since,
        walk=walk,
    )
    return [due.id for due in queue.read_due([wanted], now, 1_000)]


def line(subscription: Subscription, now: datetime, age: int = 10**9) -> ordered.Line:
    """Return the queue in which what is younger than ``age`` seconds blocks."""
    key = decode("sub", subscription.id)
    return ordered.Line(subscription=key, now=now, blocks_since=now - age * SECOND)


def looks(subscription: Subscription, now: datetime, walk: Walk, limit: int) -> Iterator[list[str]]:
    """Look until a whole round has found nothing, or all has been looked at twice."""
    for _ in range(2 * CROWD // ordered.BETWEEN):
        yield read(subscription, now, limit=limit, walk=walk)
        if walk.whole:
            return


def free(owed: Sequence[Owed], age: int) -> set[int]:
    """Say by the definition which of them may be sent: of each key the first that is due."""
    found: dict[str, int] = {}
    for number, each in enumerate(owed):
        held_up = any(
            each.key and before.key == each.key and (not before.failures or before.age < age)
            for before in owed[:number]
        )
        if each.due_in <= 0 and not held_up:
            found.setdefault(each.key or str(number), number)
    return set(found.values())


@pytest.mark.parametrize("age", [0, 60, 10**9], ids=["skip", "block for", "block"])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_due_and_not_held_up_is_read_and_nothing_else(
    subscription: Subscription, now: datetime, seed: int, age: int
) -> None:
    chance = random.Random(seed)
    owed = [
        Owed(
            key=chance.choice(["", "A", "B", "C", "a"]),
            due_in=chance.choice([-60, -5, 0, 300]),
            failures=chance.choice([0, 1, 3]),
            age=chance.choice([10, 100]),
        )
        for _ in range(40)
    ]
    ids = owe(subscription, owed, now)

    found = read(subscription, now, limit=100, blocks_since=now - age * SECOND)

    assert len(found) == len(set(found))
    assert set(found) == {ids[number] for number in free(owed, age)}


def test_keys_are_read_in_the_order_in_which_they_became_due(
    subscription: Subscription, now: datetime
) -> None:
    owed = [Owed(key="A", due_in=-10), Owed(key="B", due_in=-30), Owed(key="C", due_in=-20)]
    a, b, c = owe(subscription, owed, now)

    assert read(subscription, now, limit=2) == [b, c]
    assert read(subscription, now, limit=3) == [b, c, a]


def test_one_look_finds_the_first_of_a_key_behind_which_a_crowd_waits(
    subscription: Subscription, now: datetime
) -> None:
    # It has failed, and has become due again after all the others.
    owed = [Owed(failures=1, due_in=-1)] + CROWD * [Owed()]
    ids = owe(subscription, owed, now)

    found = read(subscription, now, walk=Walk())

    assert found == [ids[0]]


def test_one_look_finds_what_has_just_become_due_behind_a_crowd(
    subscription: Subscription, now: datetime
) -> None:
    held_up = [Owed(failures=1, due_in=600)] + CROWD * [Owed()]
    ids = owe(subscription, [*held_up, Owed(key="B", due_in=-1), Owed(key="", due_in=-1)], now)

    found = read(subscription, now, walk=Walk())

    assert sorted(found) == sorted(ids[-2:])


@pytest.mark.parametrize("key", ["", "B"])
def test_what_stands_in_the_midst_of_a_crowd_is_found(
    subscription: Subscription, now: datetime, key: str
) -> None:
    # So many keys that none is met by chance.
    held_up = [Owed(key=f"A-{number:03}", failures=1, due_in=600) for number in range(300)]
    crowd = [Owed(key=f"A-{number % 300:03}", due_in=-600) for number in range(CROWD)]
    owed = [*held_up, *crowd[:1_000], Owed(key=key, due_in=-300), *crowd[1_000:]]
    owed += 200 * [Owed(key="A-001", due_in=-1)]
    ids = owe(subscription, owed, now)
    number = len(held_up) + 1_000
    walk = Walk()

    by_walking = [found for found in looks(subscription, now, walk, limit=8) if found]

    assert by_walking[0] == [ids[number]]
    assert read(subscription, now) == [ids[number]]


def test_no_key_starves_behind_others_that_have_more(
    subscription: Subscription, now: datetime
) -> None:
    held_up = [Owed(key="A", failures=1, due_in=600)] + 700 * [Owed(key="A", due_in=-600)]
    others = [Owed(key=f"B-{number % 40}", due_in=-300) for number in range(900)]
    ids = owe(subscription, held_up + others, now)
    walk = Walk()

    # Nothing is ever sent, so each look finds what the one before could have found too.
    found = {each for _ in range(40) for each in read(subscription, now, limit=2, walk=walk)}

    assert found == set(ids[701:741])


def test_round_through_a_crowd_that_finds_nothing_says_so_at_its_end(
    subscription: Subscription, now: datetime
) -> None:
    owe(subscription, [Owed(failures=1, due_in=600)] + CROWD * [Owed()], now)
    walk = Walk()

    found = list(looks(subscription, now, walk, limit=8))

    assert found == 3 * [[]]


def test_lane_without_a_crowd_is_known_at_the_first_look(
    subscription: Subscription, now: datetime
) -> None:
    owe(subscription, [Owed(failures=1, due_in=600), Owed()], now)
    walk = Walk()

    found = list(looks(subscription, now, walk, limit=8))

    assert found == [[]]


@pytest.mark.parametrize(
    ("owed", "next_in"),
    [
        ([], None),
        ([Owed(due_in=-5), Owed(due_in=-9)], -5),
        ([Owed(failures=1, due_in=600), Owed()], 600),
        ([Owed(failures=1, due_in=600), *CROWD * [Owed()]], LOOK_LATER.total_seconds()),
        ([Owed(failures=1, due_in=600), *CROWD * [Owed()], Owed(key="", due_in=-1)], -1),
        ([Owed(failures=1, due_in=5), *CROWD * [Owed()]], 5),
    ],
)
def test_next_moment_of_a_lane_is_when_something_in_it_is_free(
    subscription: Subscription, now: datetime, owed: list[Owed], next_in: float | None
) -> None:
    owe(subscription, owed, now)

    next_at = ordered.next_at(line(subscription, now), None)

    assert next_at == (None if next_in is None else now + next_in * SECOND)


def test_next_moment_of_a_lane_comes_when_a_failure_does_not_block_any_longer(
    subscription: Subscription, now: datetime
) -> None:
    owe(subscription, [Owed(failures=1, due_in=600, age=40), Owed()], now)

    next_at = ordered.next_at(line(subscription, now, age=60), 60 * SECOND)

    assert next_at == now + 20 * SECOND
