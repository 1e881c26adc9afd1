"""Whether a connection to PostgreSQL still stands, without asking the server."""

from contextlib import closing

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests.parallel import in_threads

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL's backend"),
    pytest.mark.django_db(transaction=True),
]
PROCESS = "SELECT pg_backend_pid()"


def ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found: int = cursor.fetchone()[0]
        return found


def ask_beside(sql: str) -> None:
    with closing(connections.create_connection("default")) as other, other.cursor() as cursor:
        cursor.execute(sql)


def test_connection_that_stands_is_not_asked_about() -> None:
    ask(PROCESS)

    with CaptureQueriesContext(connection) as queries:
        usable = connection.is_usable()

    assert usable
    assert len(queries) == 0


def test_what_the_server_says_by_the_way_is_no_end() -> None:
    def work(number: int) -> tuple[bool, int]:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN patchbay_test")
        ask_beside("NOTIFY patchbay_test")
        return connection.is_usable(), ask("SELECT 2")

    assert in_threads(1, work) == [(True, 2)]


def test_connection_that_the_server_has_ended_is_replaced_before_the_next_request() -> None:
    def work(number: int) -> tuple[bool, bool]:
        process = ask(PROCESS)
        ask_beside(f"SELECT pg_terminate_backend({process}, 5000)")
        usable = connection.is_usable()
        # As Django does at the beginning of every request.
        connection.close_if_unusable_or_obsolete()
        return usable, ask(PROCESS) != process

    assert in_threads(1, work) == [(False, True)]
