"""Databases for real processes, and a look into them from outside."""

import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
from django.conf import settings

LOCK_SECONDS = 20.0
Row = tuple[Any, ...]


class Database(ABC):
    """A database that processes find at ``url``. Every statement is a transaction of its own."""

    url: str

    @abstractmethod
    def run(self, sql: str) -> list[Row]:
        """Run one statement; return its rows, if it has any."""

    @abstractmethod
    def copy(self) -> "Database":
        """Return a new database with the same content. Nobody may be connected to this one."""

    @abstractmethod
    def is_writing(self) -> bool:
        """Say whether someone else is in the middle of a transaction that has written."""

    @abstractmethod
    def drop(self) -> None:
        """Remove it, whoever is connected to it."""

    def count(self, table: str, condition: str = "1 = 1") -> int:
        """Return how many rows of ``table`` meet ``condition``."""
        ((number,),) = self.run(f"SELECT count(*) FROM {table} WHERE {condition}")
        return int(number)


class SQLite(Database):
    """A file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{uuid4().hex}.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def run(self, sql: str) -> list[Row]:
        with closing(self._connect(LOCK_SECONDS)) as connection:
            return connection.execute(sql).fetchall()

    def copy(self) -> "SQLite":
        copied = SQLite(self.path.parent)
        with closing(self._connect(0)) as source, closing(copied._connect(0)) as target:
            source.backup(target)
        return copied

    def is_writing(self) -> bool:
        with closing(self._connect(0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False

    def drop(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _connect(self, timeout: float) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=timeout, isolation_level=None)


class PostgreSQL(Database):
    """A database of the server that this test run uses."""

    def __init__(self) -> None:
        given = settings.DATABASES["default"]
        password = f":{quote(given['PASSWORD'], '')}" if given["PASSWORD"] else ""
        login = quote(given["USER"], "") + password
        server = f"postgres://{login}@{given['HOST']}:{given['PORT']}"
        self.name = f"e2e_{uuid4().hex}"
        self.url = f"{server}/{self.name}"
        self._server_url = f"{server}/postgres"

    def create(self, template: str = "template0") -> None:
        _execute(self._server_url, f"CREATE DATABASE {self.name} TEMPLATE {template}")

    def run(self, sql: str) -> list[Row]:
        return _execute(self.url, sql)

    def copy(self) -> "PostgreSQL":
        copied = PostgreSQL()
        copied.create(template=self.name)
        return copied

    def is_writing(self) -> bool:
        writing = f"datname = '{self.name}' AND backend_xid IS NOT NULL"
        sql = f"SELECT count(*) FROM pg_stat_activity WHERE {writing}"
        return _execute(self._server_url, sql) != [(0,)]

    def drop(self) -> None:
        _execute(self._server_url, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


def empty(folder: Path) -> Database:
    """Return a new database of the kind that this test run is about."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return SQLite(folder)
    database = PostgreSQL()
    database.create()
    return database


def _execute(url: str, sql: str) -> list[Row]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []
