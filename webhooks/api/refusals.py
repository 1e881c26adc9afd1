"""Why a delivery is not sent again, or a message not handed out, as the API answers it."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.api.exceptions import Conflict
from core.api.schema import error_answer
from webhooks.errors import NotReplayableError, SubscriptionDisabledError

DISABLED = "`SUBSCRIPTION_DISABLED`: the subscription is switched off."
NOT_REPLAYABLE = error_answer(
    f"`CONFLICT`: it is still pending, or the data of its event has been erased. {DISABLED}"
)
NOT_PENDING = error_answer(f"`CONFLICT`: it is finished, so replay it instead. {DISABLED}")
NOT_REPLAYABLE_MESSAGE = error_answer(
    "`CONFLICT`: it is about to become an event already, or its body has been erased."
)
SWITCHED_OFF = error_answer(DISABLED)


@contextmanager
def of_replays() -> Iterator[None]:
    """Turn what services refuse into answers."""
    try:
        yield
    except NotReplayableError as error:
        raise Conflict(str(error)) from error
    except SubscriptionDisabledError as error:
        raise Conflict(str(error), error="SUBSCRIPTION_DISABLED") from error
