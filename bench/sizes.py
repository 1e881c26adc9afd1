"""How much is measured."""

from dataclasses import dataclass

RECEIVERS = 100
FAN_OUT = 10
EVENT_BYTES = 1_024
# As many processes that send as cores on the machine the README names; the peers get as many.
PROCESSES = 2
IN_FLIGHT = 256
SLOW_SECONDS = 5.0
SLOW_RECEIVERS = 10
REFUSING_RECEIVERS = 10
MIXED_EVENTS_PER_SECOND = 200
# What Microsoft asks of a directory that its own is to be synchronized with, for each tenant.
MIXED_REQUESTS_PER_SECOND = 25
# Far enough apart for everything to fall asleep in between, and in step with no timer.
IDLE_GAP_SECONDS = (0.1, 0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectorySizes:
    """How many there are in a directory, and how many requests of each kind it gets.

    ``peer_lists`` and ``peer_adds`` are fewer than the product's, or a round would take an hour.
    """

    users: int
    members: int
    lists: int
    peer_lists: int
    filters: int
    adds: int
    peer_adds: int
    adds_alone: int
    posts: int
    mixed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How often, and how much each time; ``fan_out_events`` go to FAN_OUT receivers each."""

    rounds: int
    backlog: int
    peer_deliveries: int
    bare_requests: int
    fan_out_events: int
    idle_events: int
    mixed_events: int
    posts: int
    directory: DirectorySizes


FULL = Sizes(
    rounds=3,
    backlog=20_000,
    peer_deliveries=400,
    bare_requests=40_000,
    fan_out_events=2_000,
    idle_events=60,
    mixed_events=25 * MIXED_EVENTS_PER_SECOND,
    posts=4_000,
    directory=DirectorySizes(
        users=12_000,
        members=10_000,
        lists=600,
        peer_lists=60,
        filters=2_000,
        adds=1_500,
        peer_adds=48,
        adds_alone=200,
        posts=2_000,
        mixed=40 * MIXED_REQUESTS_PER_SECOND,
    ),
)
# Shows in a minute that everything works; its figures mean nothing.
QUICK = Sizes(
    rounds=1,
    backlog=500,
    peer_deliveries=40,
    bare_requests=1_000,
    fan_out_events=20,
    idle_events=5,
    mixed_events=2 * MIXED_EVENTS_PER_SECOND,
    posts=100,
    directory=DirectorySizes(
        users=600,
        members=500,
        lists=20,
        peer_lists=10,
        filters=40,
        adds=40,
        peer_adds=16,
        adds_alone=10,
        posts=40,
        mixed=4 * MIXED_REQUESTS_PER_SECOND,
    ),
)
