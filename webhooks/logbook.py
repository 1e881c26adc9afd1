"""Attempts that are over, written down and logged."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DataError, IntegrityError

from webhooks import queue
from webhooks.open_lanes import OpenLane
from webhooks.queue import Due, Result
from webhooks.types import Outcome

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Ended:
    """A delivery whose attempt is over and not written down yet."""

    lane: OpenLane
    due: Due
    outcome: Outcome
    result: Result


def write(ended: Sequence[Ended]) -> None:
    """Write attempts and new states; those of deliveries that somebody else has moved on are dropped."""
    written = _written([each.result for each in ended])
    for each in ended:
        _log(each, written=each.due.key in written)


def _written(results: Sequence[Result]) -> set[UUID]:
    """Write results; where the database refuses them together, one by one.

    A row that cannot be written, because its tenant has just been deleted, must not keep the others
    from being written for ever.
    """
    try:
        return queue.write(results)
    except (IntegrityError, DataError):
        if len(results) == 1:
            logger.exception("webhook.result_refused", extra={"delivery": str(results[0].key)})
            return set()
    return {key for each in results for key in _written([each])}


def _log(ended: Ended, *, written: bool) -> None:
    if not written:
        logger.warning("webhook.result_dropped", extra={"delivery": ended.due.id})
        return
    logger.info(
        "webhook.attempted",
        extra={
            "delivery": ended.due.id,
            "subscription": ended.due.subscription_id,
            "state": ended.result.state,
            "attempt": ended.result.number,
            "status": ended.outcome.status_code,
            "error": ended.outcome.error_code,
        },
    )
