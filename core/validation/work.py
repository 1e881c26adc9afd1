"""What checking may cost, counted in units of some microseconds by whoever does the work.

Schemas and rules come from tenants as well as the data, so every loop that they can lengthen counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MAX_WORK = 250_000
# What one request may take that checks many documents.
MAX_WORK_TOGETHER = 500_000

_left: ContextVar[list[int] | None] = ContextVar("work_left", default=None)


class WorkLimitError(Exception):
    """Checking the data takes more steps than allowed."""


@contextmanager
def limited_work(units: int = MAX_WORK) -> Iterator[None]:
    """Let the checks inside take ``units``; inside another limit, also from what that has left."""
    around = _left.get()
    given = min(units, around[0]) if around else units
    left = [given]
    token = _left.set(left)
    try:
        yield
    finally:
        _left.reset(token)
        if around:
            around[0] = max(0, around[0] - (given - left[0]))


def spend(units: int) -> None:
    """Count work that is about to be done; raise WorkLimitError when none is left."""
    left = _left.get()
    if left is None:
        return
    left[0] -= units
    if left[0] < 0:
        raise WorkLimitError
