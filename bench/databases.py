"""Databases for a run: a PostgreSQL server as durable as one in production, and SQLite files."""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from bench.errors import BenchError
from tools import postgresql

# What a server of this size is given in production. Nothing is acknowledged before it is on disk.
SERVER_OPTIONS = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=200",
    "shared_buffers=1GB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "random_page_cost=1.1",
)
NO_SERVER = (
    "no PostgreSQL server programs found in /usr/lib/postgresql/*/bin"
    " (Debian: apt-get install postgresql)"
)
# Only receivers that answer are named so; what the others are owed stays pending.
OWED = (
    "SELECT count(*) FROM webhooks_delivery AS delivery"
    " JOIN webhooks_subscription AS subscription ON subscription.id = delivery.subscription_id"
    " WHERE delivery.state = 'pending' AND subscription.name LIKE 'healthy%'"
)
NOT_HANDED_OUT = "SELECT count(*) FROM core_event WHERE position IS NULL"
WRONG = (
    "SELECT count(*) FROM webhooks_delivery AS delivery"
    " WHERE delivery.state <> 'delivered' OR delivery.attempts <> 1 OR 1 <>"
    " (SELECT count(*) FROM webhooks_attempt WHERE webhooks_attempt.delivery_id = delivery.id)"
)


class Database(ABC):
    """One database, at ``url``."""

    url: str

    @abstractmethod
    def number(self, query: str) -> int:
        """Return the one number that a query answers."""

    @abstractmethod
    def settle(self) -> None:
        """Have done with what was written before: it must not burden what is measured next."""

    def owed(self) -> int:
        """Return how many deliveries to receivers that answer are pending."""
        return self.number(OWED)

    def busy(self) -> bool:
        """Say whether there is an event, or a delivery to a receiver that answers, still to do."""
        return bool(self.number(NOT_HANDED_OUT) or self.owed())

    def check(self, deliveries: int) -> None:
        """Raise BenchError unless each of so many deliveries got there with exactly one attempt."""
        counted = self.number("SELECT count(*) FROM webhooks_delivery")
        wrong = self.number(WRONG)
        if counted != deliveries or wrong:
            raise BenchError(
                f"of {deliveries} deliveries {counted} are in the log, and {wrong} of them are not"
                " delivered with exactly one attempt"
            )


class Engine(ABC):
    """A kind of database; every measurement gets a fresh one with all tables in it."""

    name: str

    @abstractmethod
    @contextmanager
    def database(self) -> Iterator[Database]:
        """Yield a copy of the template, which goes with the block."""

    @abstractmethod
    @contextmanager
    def template(self) -> Iterator[Database]:
        """Yield the database that all others are copies of, so that it can be migrated."""


class SQLite(Engine):
    """Files."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite3"

    @contextmanager
    def template(self) -> Iterator[Database]:
        file = File(self._template)
        yield file
        file.settle()

    @contextmanager
    def database(self) -> Iterator[Database]:
        path = self._folder / f"{uuid4().hex}.sqlite3"
        shutil.copyfile(self._template, path)
        yield File(path)
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


class File(Database):
    """An SQLite database."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path

    def number(self, query: str) -> int:
        with closing(sqlite3.connect(self._path, timeout=60)) as connection:
            return int(connection.execute(query).fetchone()[0])

    def settle(self) -> None:
        with closing(sqlite3.connect(self._path, timeout=60, isolation_level=None)) as connection:
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgreSQL(Engine):
    """Databases of one server."""

    name = "PostgreSQL"

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._base = server_url.rpartition("/")[0]
        self._template = f"template_{uuid4().hex}"

    @contextmanager
    def template(self) -> Iterator[Database]:
        _execute(self._server_url, f"CREATE DATABASE {self._template}")
        yield Schema(f"{self._base}/{self._template}")

    @contextmanager
    def database(self) -> Iterator[Database]:
        with self.new(self._template) as database:
            yield database

    @contextmanager
    def new(self, template: str = "template1") -> Iterator[Database]:
        """Yield a copy of the database ``template``, which goes with the block."""
        name = f"bench_{uuid4().hex}"
        _execute(self._server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield Schema(f"{self._base}/{name}")
        finally:
            _execute(self._server_url, f"DROP DATABASE {name} WITH (FORCE)")

    def version(self) -> str:
        """Return the version of the server, such as 15.8."""
        return str(_execute(self._server_url, "SHOW server_version")[0][0]).split()[0]


class Schema(Database):
    """A PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def number(self, query: str) -> int:
        return int(_execute(self.url, query)[0][0])

    def settle(self) -> None:
        _execute(self.url, "VACUUM ANALYZE")
        _execute(self.url, "CHECKPOINT")


@contextmanager
def server() -> Iterator[PostgreSQL]:
    """Run a private, durable server while the block runs; raise BenchError when that fails."""
    binaries = postgresql.find_binaries()
    if binaries is None:
        raise BenchError(NO_SERVER)
    try:
        with postgresql.throwaway_cluster(binaries, options=SERVER_OPTIONS) as url:
            yield PostgreSQL(url)
    except postgresql.ClusterError as error:
        raise BenchError(str(error)) from error


def _execute(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []
