"""The suite of receptions: webhooks verified, kept and acknowledged, against an empty view."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bench import servers
from bench.assignments import Posting
from bench.databases import Database, Engine
from bench.errors import BenchError
from bench.figures import Measured
from bench.processes import python, running
from bench.sizes import PROCESSES
from bench.stage import Stage
from bench.suite import Suite

WEB_THREADS = 4
IN_FLIGHT = PROCESSES * WEB_THREADS
LIMIT_SECONDS = 300.0
KEPT = "SELECT count(*) FROM webhooks_message"


def postgresql(stage: Stage) -> Measured:
    """Measure both on PostgreSQL, one after the other and over again, on the same web processes."""
    return _measure(stage, stage.postgresql, "")


def sqlite(stage: Stage) -> Measured:
    """Measure both on SQLite."""
    return _measure(stage, stage.sqlite, "sqlite_")


def _measure(stage: Stage, engine: Engine, prefix: str) -> Measured:
    with engine.database() as database, _web(stage, database) as url:
        post = partial(_requests_per_s, stage, database, url)
        # Both ways round, so that what the machine does besides hits both alike.
        empty = [post("empty", 0)]
        received = [post("received", 1), post("received", 2)]
        empty.append(post("empty", 3))
        kept, sent = database.number(KEPT), 2 * stage.sizes.posts
    if kept != sent:
        raise BenchError(f"of {sent} webhooks that were acknowledged, {kept} are kept")
    return {
        f"{prefix}received.requests_per_s": sum(received) / len(received),
        f"{prefix}empty.requests_per_s": sum(empty) / len(empty),
    }


@contextmanager
def _web(stage: Stage, database: Database) -> Iterator[str]:
    """Run the web processes of an installation, with a view of no use beside the product's own."""
    port = servers.free_port()
    variables = stage.on(database) | {"DJANGO_SETTINGS_MODULE": "bench.product.settings"}
    words = python(
        *("-m", "gunicorn", "config.wsgi", "--bind", f"{servers.LOCAL}:{port}"),
        *("--workers", str(PROCESSES), "--threads", str(WEB_THREADS), "--preload"),
    )
    with running("web server", words, stage.folder / "web.log", variables) as program:
        servers.wait_for_port(servers.LOCAL, port, program)
        yield f"http://{servers.LOCAL}:{port}"


def _requests_per_s(stage: Stage, database: Database, url: str, view: str, series: int) -> float:
    given = Posting(
        url=url, view=view, requests=stage.sizes.posts, in_flight=IN_FLIGHT, series=series
    )
    with stage.task("post", given, database) as program:
        database.settle()
        started = time.perf_counter()
        program.begin()
        sent: int = program.result(LIMIT_SECONDS)["sent"]
        return sent / (time.perf_counter() - started)


SUITE = Suite(
    name="inbound",
    measurements={"PostgreSQL": postgresql, "SQLite": sqlite},
    ratios={
        "ratio.empty": ("received.requests_per_s", "empty.requests_per_s"),
        "ratio.sqlite_empty": ("sqlite_received.requests_per_s", "sqlite_empty.requests_per_s"),
    },
    keys=(
        "received.requests_per_s",
        "empty.requests_per_s",
        "ratio.empty",
        "sqlite_received.requests_per_s",
        "ratio.sqlite_empty",
    ),
    labels={
        "received.requests_per_s": "PostgreSQL, verified, kept, acknowledged/s",
        "empty.requests_per_s": "an empty view of the same Django, requests/s",
        "ratio.empty": "PostgreSQL / empty view",
        "sqlite_received.requests_per_s": "SQLite, verified, kept, acknowledged/s",
        "sqlite_empty.requests_per_s": "the empty view beside it, requests/s",
        "ratio.sqlite_empty": "SQLite / empty view",
    },
)
