"""PostgreSQL answers the questions that grow with the data from an index."""

import pytest
from django.db import connection
from django.http import QueryDict

from core.models import Event, Tenant
from records.api.data_filters import filter_by_data
from records.models import Record

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no such indexes"
)


@pytest.fixture(autouse=True)
def _indexes_preferred(db: None) -> None:
    """Make the planner show what it can use: the tables of a test are too small to matter."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def test_a_filter_by_data_reads_the_index_of_the_data() -> None:
    records = filter_by_data(Record.objects.order_by(), QueryDict("data.customer.name=Ana"))

    assert "record_data" in records.explain()


def test_the_feed_reads_the_indexes_of_changes(tenant: Tenant) -> None:
    rows = Event.objects.for_tenant(tenant).after(5)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    of_any = rows.exclude(record_type="")[:10].explain()
    of_one = rows.filter(record_type="order")[:10].explain()

    assert "event_of_any_record" in of_any
    assert "event_of_record_type" in of_one
