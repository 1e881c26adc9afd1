"""How the errors of webhooks become answers."""

from core.api.exceptions import Unprocessable
from webhooks.errors import InvalidEndpointError, InvalidSubscriptionError


def refused(error: InvalidSubscriptionError | InvalidEndpointError) -> Unprocessable:
    """Return the answer that lists everything there is to correct."""
    thing = "endpoint" if isinstance(error, InvalidEndpointError) else "subscription"
    return Unprocessable(
        f"The {thing} is not valid.",
        details=[problem.as_dict() for problem in error.problems],
    )
