"""A database that cannot be used for now is told from a fault of ours."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from tests.endpoints import SECRET, make_endpoint, signed, url_of
from tests.makers import make_tenant

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no standby"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def standby() -> Iterator[None]:
    """Have the database refuse to write, as a standby does."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")


def test_a_database_that_takes_no_writes_is_away_for_now(request: pytest.FixtureRequest) -> None:
    endpoint = make_endpoint(make_tenant("acme"), scheme="bearer")
    incoming = signed(endpoint, b"{}", secret=SECRET)
    request.getfixturevalue("standby")
    client = Client(raise_request_exception=False)

    ready = client.get("/health/ready")
    received = client.post(
        url_of(endpoint), b"{}", content_type="application/json", headers=dict(incoming.headers)
    )

    assert (ready.status_code, ready.json()["database"]) == (503, "read-only")
    assert (received.status_code, json.loads(received.content)["error"]) == (503, "UNAVAILABLE")
