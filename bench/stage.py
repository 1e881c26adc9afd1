"""What every measurement stands on: the servers of the run, and processes with their settings."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.assignments import Assignment, Message, Publication, Receiver, as_json
from bench.databases import Database, Engine, PostgreSQL, SQLite
from bench.errors import BenchError
from bench.processes import Program, python, running
from bench.servers import Nginx
from bench.sizes import Sizes
from tools import environment

POLL_SECONDS = 0.02
SINK_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The servers of one run; ``variables`` are the environment of the product's processes."""

    sizes: Sizes
    folder: Path
    nginx: Nginx
    postgresql: PostgreSQL
    sqlite: SQLite
    variables: dict[str, str]

    @contextmanager
    def task(self, task: str, given: Assignment, database: Database) -> Iterator[Program]:
        """Run a process of the product that does one assignment, once it is ready to begin."""
        words = python("-m", "bench.product", task, as_json(given))
        variables = self.on(database)
        name = f"{task} process"
        with running(name, words, self._log(task), variables, talking=True) as program:
            program.wait_until_ready()
            yield program

    def do(self, task: str, given: Assignment, database: Database, limit_seconds: float) -> Message:
        """Have an assignment done and return what came of it."""
        with self.task(task, given, database) as program:
            program.begin()
            result: Message = program.result(limit_seconds)
        return result

    @contextmanager
    def worker(self, database: Database) -> Iterator[Program]:
        """Run ``manage.py worker``, as an installation does, while the block runs."""
        words = python("manage.py", "worker")
        with running("worker", words, self._log("worker"), self.on(database)) as program:
            yield program
            program.stop()

    @contextmanager
    def sink(self, delay_seconds: float = 0.0) -> Iterator[tuple[str, Program]]:
        """Run a receiver that notes arrivals; yield its URL and the process."""
        words = python("-m", "bench.sinks", str(delay_seconds))
        with running("receiver", words, self._log("sink"), talking=True) as program:
            port = int(program.line(SINK_SECONDS))
            yield f"http://127.0.0.1:{port}/hook", program

    def migrate(self, engine: Engine) -> None:
        """Make the tables in the database that all others of ``engine`` are copies of."""
        with engine.template() as database, ExitStack() as stack:
            words = python("manage.py", "migrate", "--verbosity", "0")
            program = stack.enter_context(
                running("migrate", words, self._log("migrate"), self.on(database))
            )
            if program.process.wait():
                raise BenchError(f"The tables could not be made.{program.last_words()}")

    def on(self, database: Database) -> dict[str, str]:
        """Return the environment of the product's processes on a database."""
        return self.variables | {"DATABASE_URL": database.url}

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def variables() -> dict[str, str]:
    """Return the environment of an installation for this machine alone, without its database."""
    return environment.fresh() | {
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "OUTBOUND_HTTPS_ONLY": "false",
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "EMAIL_URL": "dummymail://",
        # Celery's workers log no more than this by default either.
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }


def receiver(number: int, url: str, *, name: str = "healthy", group: int | None = None) -> Receiver:
    """Return a subscription to a type of its own and, when given, to that of a group."""
    types = [type_of(number)] + ([group_type(group)] if group is not None else [])
    return Receiver(name=f"{name}-{number:03}", url=f"{url}/{number:03}", event_types=tuple(types))


def type_of(number: int) -> str:
    """Return the type of the events that receiver ``number`` wants."""
    return f"order.r{number:03}"


def group_type(group: int) -> str:
    """Return the type of the events that a whole group of receivers wants."""
    return f"order.g{group:03}"


def wait_until(what: str, condition: Callable[[], bool], limit_seconds: float) -> None:
    """Return as soon as ``condition()`` holds; raise BenchError when it does not in time."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"{what} did not happen within {limit_seconds:g} s")
        time.sleep(POLL_SECONDS)


def arrivals(sink: Program) -> dict[str, int]:
    """End a receiver; return when each event came first, in nanoseconds since 1970."""
    sink.let_go()
    first: dict[str, int] = {}
    for moment, event in json.loads(sink.line(SINK_SECONDS)):
        first.setdefault(event, moment)
    return first


def publication(count: int, types: tuple[str, ...], gap: tuple[float, float]) -> Publication:
    """Return the assignment to publish ``count`` events whose types take turns."""
    return Publication(events=count, event_types=types, gap_seconds=gap)
