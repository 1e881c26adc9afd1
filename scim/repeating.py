"""Trying again when two transactions stood in each other's way: one of them had to give way."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure

TRIES = 4

Result = TypeVar("Result")


def gave_way(error: BaseException) -> bool:
    """Say whether a transaction was given up so that another could go on."""
    cause = error.__cause__
    return isinstance(error, OperationalError) and isinstance(
        cause, DeadlockDetected | SerializationFailure
    )


def repeated(attempt: Callable[[], Result]) -> Result:
    """Return what ``attempt`` returns, the first time that it need not give way."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except OperationalError as error:
            if not gave_way(error):
                raise
    return attempt()
