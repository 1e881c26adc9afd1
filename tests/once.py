"""Tests that have one turn, not two: the longest of those in which the database has next to no part."""

import pytest
from django.db import connection

from tools import postgresql

ON_ONE_DATABASE = pytest.mark.skipif(
    connection.vendor == "sqlite" and postgresql.find_binaries() is not None,
    reason="the same on every database, and PostgreSQL is here to run it",
)
