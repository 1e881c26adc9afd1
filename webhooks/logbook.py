"""Attempts that are over, written down and logged."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import DataError, IntegrityError, OperationalError
from psycopg.errors import DeadlockDetected

from webhooks import queue
from webhooks.open_lanes import OpenLane
from webhooks.queue import Due, Result
from webhooks.types import Outcome

DEADLOCK_TRIES = 4

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
    # In the order in which whoever erases deliveries locks them.
    written = _written(sorted((each.result for each in ended), key=lambda each: each.key))
    for each in ended:
        _log(each, written=each.due.key in written)


def _written(results: Sequence[Result]) -> set[UUID]:
    """Write results; where the database refuses them together, one by one.

    A row that cannot be written, because its tenant has just been deleted, must not keep the others
    from being written for ever.
    """
    try:
        return _insisting(results)
    except (IntegrityError, DataError):
        if len(results) == 1:
            logger.exception("webhook.result_refused", extra={"delivery": str(results[0].key)})
            return _written_plainly(results[0])
    return {key for each in results for key in _written([each])}


def _written_plainly(result: Result) -> set[UUID]:
    """Write a result without what the receiver said, which the database does not take.

    Not written at all, its delivery would be sent again and again.
    """
    plain = replace(result, response_headers="[]", response_body="", error="", last_error="")
    try:
        return queue.write([plain])
    except (IntegrityError, DataError):
        logger.exception("webhook.result_lost", extra={"delivery": str(result.key)})
        return set()


def _insisting(results: Sequence[Result]) -> set[UUID]:
    """Write results; again when the database has chosen them to give way to somebody else."""
    for _ in range(DEADLOCK_TRIES):
        try:
            return queue.write(results)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return queue.write(results)


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
