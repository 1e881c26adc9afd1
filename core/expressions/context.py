"""What one evaluation carries along: the values it may read, the clock and what it may still do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from core.types import Json

# Characters and items that the functions of one evaluation may look at. A processor gets through
# that many in well under a second, whatever the expression and the data are.
MAX_EVALUATION_COST: Final = 1_000_000


class RefusedError(Exception):
    """An evaluation cannot go on; becomes an ExpressionEvaluationError on its way out.

    Who raises it often does not know where in the source it stands; the nearest node that does
    fills in ``offset``.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset

    def placed(self, offset: int) -> "RefusedError":
        """Return the same error, standing at ``offset`` unless a place is known already."""
        if self.offset is None:
            self.offset = offset
        return self


@dataclass(slots=True)
class Context:
    """The surroundings of one evaluation.

    ``now`` is aware; ``time_zone`` is where calendar days begin and end; ``remaining`` is what
    is left of the permitted cost, in characters and items.
    """

    scope: Mapping[str, Json]
    now: datetime
    time_zone: tzinfo
    remaining: int

    def spend(self, amount: int) -> None:
        """Take ``amount`` from the permitted cost; raise RefusedError when nothing is left."""
        self.remaining -= amount
        if self.remaining < 0:
            raise too_costly()


Run = Callable[[Context], Json]
"""What an expression, or a part of one, is compiled to."""


def too_costly() -> RefusedError:
    """Build the error of an evaluation that has used up its permitted cost."""
    return RefusedError("the values are too large to compute this")
