"""How the errors of webhooks become answers."""

from core.api.exceptions import Unprocessable
from webhooks.errors import InvalidSubscriptionError


def refused(error: InvalidSubscriptionError) -> Unprocessable:
    """Return the answer that lists everything there is to correct."""
    return Unprocessable(
        "The subscription is not valid.",
        details=[problem.as_dict() for problem in error.problems],
    )
