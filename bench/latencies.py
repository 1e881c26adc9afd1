"""How long it takes from a commit to the request at the receiver."""

import time
from collections.abc import Mapping

from bench.assignments import Message, Preparation, Receiver
from bench.backlogs import HEALTHY_RECEIVERS, mixed_receivers
from bench.databases import Database, Engine
from bench.errors import BenchError
from bench.figures import Measured, percentile
from bench.processes import Program
from bench.servers import refusing
from bench.sizes import (
    IDLE_GAP_SECONDS,
    MIXED_EVENTS_PER_SECOND,
    RECEIVERS,
    SLOW_SECONDS,
)
from bench.stage import Stage, arrivals, publication, receiver, type_of, wait_until

LIMIT_SECONDS = 600.0
# What a worker that has just started does first is not what is measured.
WARM_UP_EVENTS = 3
WARM_UP_GAP_SECONDS = (0.3, 0.5)
# Requests that have not come so long after the last commit count as taking that long.
PATIENCE_SECONDS = 20.0
START_SECONDS = 60.0
POLL_SECONDS = 0.1
NANOSECONDS = 1_000_000


def idle(stage: Stage, engine: Engine, prefix: str) -> Measured:
    """Measure an installation that has nothing else to do: one event at a time."""
    with engine.database() as database, stage.sink() as (url, sink):
        _subscribe(stage, database, (receiver(0, url),))
        with stage.worker(database) as worker:
            _warm_up(stage, database, worker)
            published = _publish(stage, database, stage.sizes.idle_events, 1, IDLE_GAP_SECONDS)
            _let_it_finish(database)
        took = milliseconds(published["committed"], arrivals(sink))
    if max(took) >= PATIENCE_SECONDS * 1000:
        raise BenchError(f"{engine.name}: an event that was published alone was never delivered")
    return {f"{prefix}.p50": percentile(took, 50), f"{prefix}.p95": percentile(took, 95)}


def postgresql_idle(stage: Stage) -> Measured:
    """Measure the latency of an idle installation on PostgreSQL."""
    return idle(stage, stage.postgresql, "idle_ms")


def sqlite_idle(stage: Stage) -> Measured:
    """Measure the latency of an idle installation on SQLite."""
    return idle(stage, stage.sqlite, "sqlite_idle_ms")


def mixed(stage: Stage) -> Measured:
    """Measure the latency of healthy receivers while others are slow or refuse."""
    gap = 1 / MIXED_EVENTS_PER_SECOND
    with (
        stage.postgresql.database() as database,
        stage.sink() as (url, sink),
        stage.sink(SLOW_SECONDS) as (slow_url, _),
        refusing() as refusing_url,
    ):
        _subscribe(stage, database, mixed_receivers([url] * RECEIVERS, slow_url, refusing_url))
        with stage.worker(database) as worker:
            _warm_up(stage, database, worker)
            published = _publish(stage, database, stage.sizes.mixed_events, RECEIVERS, (gap, gap))
            _let_it_finish(database)
        healthy = {
            event: moment
            for number, (event, moment) in enumerate(published["committed"].items())
            if number % RECEIVERS < HEALTHY_RECEIVERS
        }
        took = milliseconds(healthy, arrivals(sink))
    return {
        "mixed.healthy_p50_ms": percentile(took, 50),
        "mixed.healthy_p95_ms": percentile(took, 95),
        "mixed.events_per_s": published["events_per_s"],
    }


def milliseconds(committed: Mapping[str, int], arrived: Mapping[str, int]) -> list[float]:
    """Return how long each event took from its commit to its first arrival."""
    never = PATIENCE_SECONDS * 1000
    return [
        (arrived[event] - moment) / NANOSECONDS if event in arrived else never
        for event, moment in committed.items()
    ]


def _warm_up(stage: Stage, database: Database, worker: Program) -> None:
    """Return when the worker has delivered something, which it does as soon as it is up."""
    _publish(stage, database, WARM_UP_EVENTS, 1, WARM_UP_GAP_SECONDS)
    try:
        wait_until("the first delivery", lambda: not database.busy(), START_SECONDS)
    except BenchError as error:
        raise BenchError(f"{error}.{worker.last_words()}") from error


def _let_it_finish(database: Database) -> None:
    """Return when all is delivered that can be, or when patience has run out."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while database.busy() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _subscribe(
    stage: Stage, database: Database, receivers: list[Receiver] | tuple[Receiver, ...]
) -> None:
    given = Preparation(receivers=tuple(receivers), events=0, event_types=())
    stage.do("prepare", given, database, LIMIT_SECONDS)
    database.settle()


def _publish(
    stage: Stage, database: Database, count: int, receivers: int, gap: tuple[float, float]
) -> Message:
    types = tuple(type_of(number) for number in range(receivers))
    return stage.do("publish", publication(count, types, gap), database, LIMIT_SECONDS)
