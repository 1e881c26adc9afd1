"""SQL written by hand, where models would take most of the time: statements and values of both databases."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

IDLE = psycopg.pq.TransactionStatus.IDLE


@cache
def on_postgresql() -> bool:
    """Say which of the two databases it is."""
    return connection.vendor == "postgresql"


def run(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """Run a statement and return its rows.

    Django's own cursors write the values into the text of the statement, which PostgreSQL then has
    to read and to plan anew each time; arrays of hundreds of them make that the larger part.
    """
    if not on_postgresql():
        with connection.cursor() as plain:
            plain.execute(sql, parameters)
            return list(plain.fetchall())
    with _wrapped() as postgresql:
        cursor = psycopg.Cursor(postgresql)
        # What begins a transaction goes along with its first statement.
        begins = not postgresql.autocommit and postgresql.info.transaction_status == IDLE
        with postgresql.pipeline() if begins else nullcontext():
            cursor.execute(sql, parameters, prepare=True, binary=True)
        rows: list[Any] = cursor.fetchall()
        return rows


def send(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> None:
    """Run a statement whose rows nobody wants; within ``together``, without waiting for it."""
    if on_postgresql():
        with _wrapped() as postgresql:
            psycopg.Cursor(postgresql).execute(sql, parameters, prepare=True, binary=True)
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)


@contextmanager
def together() -> Iterator[None]:
    """Send what is sent within in one journey to the database; faults are raised at its end."""
    if not on_postgresql():
        yield
        return
    with _wrapped() as postgresql, postgresql.pipeline():
        yield


@contextmanager
def _wrapped() -> Iterator[psycopg.Connection[Any]]:
    """Give psycopg's connection, whose errors become those of Django."""
    django = connections[DEFAULT_DB_ALIAS]
    django.ensure_connection()
    with django.wrap_database_errors:
        yield django.connection


def unflushed() -> str:
    """Return a column that lets the statement's own transaction end without waiting for the disk.

    For what may be lost with a crash of the machine, such as the last requests on a rate limit. Inside
    of a transaction it asks for nothing, as others have written there; nor does SQLite know of it.
    """
    if on_postgresql() and not connection.in_atomic_block:
        return "set_config('synchronous_commit', 'off', true)"
    return "NULL"


def uuid_value(value: UUID) -> Any:
    """Return a key as the database takes it."""
    return value if on_postgresql() else value.hex


def moment_value(value: datetime | None) -> Any:
    """Return a moment as the database takes it."""
    return value if on_postgresql() else connection.ops.adapt_datetimefield_value(value)


def read_uuid(value: Any) -> UUID:
    """Return a key from the database."""
    return value if isinstance(value, UUID) else UUID(value)


def read_moment(value: datetime | str) -> datetime:
    """Return a moment from the database; SQLite keeps it without its zone, which is UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
