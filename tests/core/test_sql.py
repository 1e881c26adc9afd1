"""Statements written by hand, as the database runs them."""

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from core.sql import run, send, together, unflushed
from tests.parallel import in_threads

PREPARED = "SELECT statement FROM pg_prepared_statements"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite prepares whatever it runs")
@pytest.mark.parametrize("prepared", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_statement_is_planned_once_unless_a_pooler_is_in_the_way(*, prepared: bool) -> None:
    assert settings.DATABASE_PREPARED_STATEMENTS

    def work(number: int) -> list[str]:
        connection.ensure_connection()
        if not prepared:
            connection.connection.prepare_threshold = None
        rows = [run("SELECT %s::int + 1", [each]) for each in range(3)]
        assert rows == [[(1,)], [(2,)], [(3,)]]
        with connection.cursor() as cursor:
            cursor.execute(PREPARED)
            return [row[0] for row in cursor.fetchall()]

    (statements,) = in_threads(1, work)

    assert statements == (["SELECT $1::int + 1"] if prepared else [])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such setting")
@pytest.mark.django_db(transaction=True)
def test_only_the_statement_itself_does_without_the_disk() -> None:
    shown = "SELECT current_setting('synchronous_commit')"

    during = run(f"SELECT {unflushed()}", [])
    after = run(shown, [])
    with transaction.atomic():
        within = run(f"SELECT {unflushed()}", [])
        still = run(shown, [])

    assert (during, within) == ([("off",)], [(None,)])
    assert after == still


def book(*names: str) -> None:
    with transaction.atomic(), together():
        for name in names:
            send("INSERT INTO core_ratebucket (name, full_at) VALUES (%s, 1)", [name])


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_together_is_written_or_undone_together() -> None:
    book("first", "second")

    with pytest.raises(IntegrityError):
        book("third", "second", "fourth")

    rows = run("SELECT name FROM core_ratebucket WHERE full_at = %s ORDER BY name", [1])
    assert rows == [("first",), ("second",)]
