"""Wrong credentials are counted, slowed down and told of."""

from datetime import UTC, datetime, timedelta

import pytest

from core.guessing import ACTION, GUESSES_PER_MINUTE, wait_after_guess
from core.models import AuditEntry

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
ADDRESS = "192.0.2.7"


def test_first_guesses_need_not_wait() -> None:
    waits = [wait_after_guess(ADDRESS, NOW) for _ in range(GUESSES_PER_MINUTE)]

    assert waits == [None] * GUESSES_PER_MINUTE
    assert AuditEntry.objects.count() == 0


def test_one_guess_more_waits_and_is_told_once_a_minute() -> None:
    for _ in range(GUESSES_PER_MINUTE):
        wait_after_guess(ADDRESS, NOW)

    waits = [wait_after_guess(ADDRESS, NOW) for _ in range(3)]

    assert waits == [timedelta(seconds=1)] * 3
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.tenant) == (ACTION, None)
    assert entry.details == {"address": ADDRESS, "limit_per_minute": GUESSES_PER_MINUTE}


def test_other_addresses_do_not_wait() -> None:
    for _ in range(GUESSES_PER_MINUTE + 1):
        wait_after_guess(ADDRESS, NOW)

    assert wait_after_guess("192.0.2.8", NOW) is None
