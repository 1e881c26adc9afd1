"""How fast a backlog is worked off, with and without receivers that misbehave."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bench.assignments import Draining, Preparation, Receiver
from bench.databases import Database, Engine
from bench.figures import Measured
from bench.processes import Program
from bench.servers import refusing
from bench.sizes import (
    FAN_OUT,
    PROCESSES,
    RECEIVERS,
    REFUSING_RECEIVERS,
    SLOW_RECEIVERS,
    SLOW_SECONDS,
)
from bench.stage import Stage, group_type, receiver, type_of, wait_until

PREPARE_SECONDS = 900.0
LIMIT_SECONDS = 600.0
HEALTHY_RECEIVERS = RECEIVERS - SLOW_RECEIVERS - REFUSING_RECEIVERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is owed: ``healthy`` deliveries to receivers that answer, and perhaps others."""

    receivers: Sequence[Receiver]
    event_types: Sequence[str]
    events: int
    healthy: int

    @property
    def all_healthy(self) -> bool:
        """Say whether all of it can be delivered."""
        return all(each.name.startswith("healthy") for each in self.receivers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """How that went. ``dispatched_per_s`` is how fast the deliveries had been written before."""

    deliveries_per_s: float
    dispatched_per_s: float
    peak_memory_mb: float


def postgresql(stage: Stage) -> Measured:
    """Measure PostgreSQL, one receiver for each event."""
    drained = drain(stage, stage.postgresql, single(stage), PROCESSES)
    return {
        "postgresql.deliveries_per_s": drained.deliveries_per_s,
        "postgresql.dispatched_per_s": drained.dispatched_per_s,
        "memory_mb": drained.peak_memory_mb,
    }


def sqlite(stage: Stage) -> Measured:
    """Measure SQLite, one receiver for each event, with the one process that its lock admits."""
    drained = drain(stage, stage.sqlite, single(stage), processes=1)
    return {"sqlite.deliveries_per_s": drained.deliveries_per_s}


def fan_out(stage: Stage) -> Measured:
    """Measure PostgreSQL, ten receivers for each event."""
    receivers = [
        receiver(number, url, group=number // FAN_OUT)
        for number, url in enumerate(stage.nginx.urls())
    ]
    events = stage.sizes.fan_out_events
    backlog = Backlog(
        receivers=receivers,
        event_types=[group_type(group) for group in range(RECEIVERS // FAN_OUT)],
        events=events,
        healthy=events * FAN_OUT,
    )
    drained = drain(stage, stage.postgresql, backlog, PROCESSES)
    return {"fanout10.deliveries_per_s": drained.deliveries_per_s}


def healthy_share(stage: Stage) -> Measured:
    """Measure how much of their speed healthy receivers keep when others are slow or refuse."""
    alone = drain(stage, stage.postgresql, _healthy_alone(stage), PROCESSES)
    with stage.sink(SLOW_SECONDS) as (slow_url, _), refusing() as refusing_url:
        backlog = _with_bad_ones(stage, slow_url, refusing_url)
        together = drain(stage, stage.postgresql, backlog, PROCESSES)
    return {
        "mixed.healthy_share": together.deliveries_per_s / alone.deliveries_per_s,
        "mixed.healthy_deliveries_per_s": together.deliveries_per_s,
        "mixed.alone_deliveries_per_s": alone.deliveries_per_s,
    }


def single(stage: Stage) -> Backlog:
    """Return the plain backlog: each event is owed to one of the receivers in turn."""
    return Backlog(
        receivers=[receiver(number, url) for number, url in enumerate(stage.nginx.urls())],
        event_types=[type_of(number) for number in range(RECEIVERS)],
        events=stage.sizes.backlog,
        healthy=stage.sizes.backlog,
    )


def mixed_receivers(healthy: Sequence[str], slow: str, refusing: str) -> list[Receiver]:
    """Return a hundred subscriptions: one in ten to a slow URL, one in ten to one that refuses."""
    first_refusing = HEALTHY_RECEIVERS + SLOW_RECEIVERS
    return [
        *(receiver(number, url) for number, url in enumerate(healthy[:HEALTHY_RECEIVERS])),
        *(receiver(n, slow, name="slow") for n in range(HEALTHY_RECEIVERS, first_refusing)),
        *(receiver(n, refusing, name="refusing") for n in range(first_refusing, RECEIVERS)),
    ]


def _healthy_alone(stage: Stage) -> Backlog:
    urls = stage.nginx.urls()[:HEALTHY_RECEIVERS]
    events = stage.sizes.backlog * HEALTHY_RECEIVERS // RECEIVERS
    return Backlog(
        receivers=[receiver(number, url) for number, url in enumerate(urls)],
        event_types=[type_of(number) for number in range(HEALTHY_RECEIVERS)],
        events=events,
        healthy=events,
    )


def _with_bad_ones(stage: Stage, slow_url: str, refusing_url: str) -> Backlog:
    events = stage.sizes.backlog
    return Backlog(
        receivers=mixed_receivers(stage.nginx.urls(), slow_url, refusing_url),
        event_types=[type_of(number) for number in range(RECEIVERS)],
        events=events,
        healthy=events * HEALTHY_RECEIVERS // RECEIVERS,
    )


def drain(stage: Stage, engine: Engine, backlog: Backlog, processes: int) -> Drained:
    """Write a backlog to a fresh database, have it sent, and check that it was.

    The clock runs from the word to begin until the database says that nothing is owed any more to
    a receiver that answers.
    """
    with engine.database() as database, ExitStack() as stack:
        given = Preparation(
            receivers=tuple(backlog.receivers),
            events=backlog.events,
            event_types=tuple(backlog.event_types),
        )
        prepared = stage.do("prepare", given, database, PREPARE_SECONDS)
        database.settle()
        draining = Draining(limit_seconds=LIMIT_SECONDS)
        programs = [
            stack.enter_context(stage.task("drain", draining, database)) for _ in range(processes)
        ]
        seconds = _timed(stage, database, programs, backlog.healthy)
        peak = 0.0
        if backlog.all_healthy:
            results = [program.result(LIMIT_SECONDS) for program in programs]
            peak = max(result["peak_memory_mb"] for result in results)
            database.check(backlog.healthy)
    return Drained(
        deliveries_per_s=backlog.healthy / seconds,
        dispatched_per_s=prepared["dispatched_per_s"],
        peak_memory_mb=peak,
    )


def _timed(stage: Stage, database: Database, programs: Sequence[Program], healthy: int) -> float:
    """Have the processes begin; return how many seconds passed until all was delivered."""
    before = stage.nginx.requests()
    started = time.perf_counter()
    for program in programs:
        program.begin()
    # Asking nginx costs the database nothing; the database is asked when it may be over.
    wait_until(
        f"the arrival of {healthy} requests",
        lambda: stage.nginx.requests() - before >= healthy,
        LIMIT_SECONDS,
    )
    wait_until("the record of every delivery", lambda: not database.owed(), LIMIT_SECONDS)
    return time.perf_counter() - started
