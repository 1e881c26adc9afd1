"""What came of attempts, written down: the state of deliveries and the log of attempts."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from core.types import Actor, ActorKind
from webhooks import retry
from webhooks.models import Attempt, Delivery
from webhooks.services.subscriptions import disable_gone
from webhooks.types import Outcome

CHANGED_FIELDS = (
    "state",
    "attempts",
    "failures",
    "next_attempt_at",
    "claim_id",
    "last_status_code",
    "last_error",
    "finished_at",
)
MILLISECOND = timedelta(milliseconds=1)

logger = logging.getLogger(__name__)

Results = Sequence[tuple[Delivery, Outcome]]


def record(results: Results, now: datetime) -> None:
    """Write attempts and new states, in one transaction.

    Results of deliveries that this worker has lost its claim on, or that are gone, are dropped.
    """
    if not results:
        return
    with transaction.atomic():
        held = _held(results)
        attempts = [_apply(delivery, outcome, now) for delivery, outcome in held]
        # The rows are there and locked, so this only updates; bulk_update() costs many times as much.
        Delivery.objects.bulk_create(
            [delivery for delivery, _ in held],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=CHANGED_FIELDS,
        )
        Attempt.objects.bulk_create(attempts)
    for delivery, outcome in held:
        logger.info(
            "webhook.attempted",
            extra={
                "delivery": delivery.id,
                "subscription": delivery.subscription_id,
                "state": delivery.state,
                "attempt": delivery.attempts,
                "status": outcome.status_code,
                "error": outcome.error_code,
            },
        )
        # After the commit: to lock a subscription behind its deliveries would invite a deadlock.
        if outcome.status_code == retry.GONE:
            disable_gone(delivery.subscription, actor=_sender(delivery))


def _held(results: Results) -> Results:
    """Return the results whose claims are still in force, with their rows locked."""
    rows = (
        Delivery.objects.select_for_update()
        .filter(id__in=[delivery.id for delivery, _ in results])
        .order_by("id")
    )
    claims = dict(rows.values_list("id", "claim_id"))
    held = []
    for delivery, outcome in results:
        if claims.get(delivery.id) == delivery.claim_id:
            held.append((delivery, outcome))
        else:
            logger.warning("webhook.result_dropped", extra={"delivery": delivery.id})
    return held


def _apply(delivery: Delivery, outcome: Outcome, now: datetime) -> Attempt:
    """Move a delivery to its next state in memory; return the attempt to be logged."""
    delivery.attempts += 1
    delivery.claim_id = None
    delivery.last_status_code = outcome.status_code
    delivery.last_error = _summary(outcome)
    policy = retry.parse_policy(delivery.subscription.retry_policy)
    verdict = retry.verdict(outcome.status_code, policy, final_error=outcome.final)
    delay = None
    if verdict != retry.Verdict.DELIVERED:
        delivery.failures += 1
    if verdict == retry.Verdict.RETRY:
        delay = retry.delay_after(
            delivery.failures,
            policy,
            retry_after=outcome.retry_after,
            jitter=random.random(),  # noqa: S311  # spreads load, hides nothing
        )
    if delay is not None:
        delivery.next_attempt_at = now + delay
    else:
        done = verdict == retry.Verdict.DELIVERED
        delivery.state = Delivery.State.DELIVERED if done else Delivery.State.DEAD
        delivery.next_attempt_at = None
        delivery.finished_at = now
    return _attempt(delivery, outcome)


def _attempt(delivery: Delivery, outcome: Outcome) -> Attempt:
    return Attempt(
        tenant_id=delivery.tenant_id,
        delivery=delivery,
        number=delivery.attempts,
        started_at=outcome.started_at,
        duration_ms=max(0, outcome.duration // MILLISECOND),
        status_code=outcome.status_code,
        error_code=outcome.error_code,
        error=outcome.error,
        response_headers=[list(header) for header in outcome.response_headers],
        response_body=outcome.response_body,
    )


def _summary(outcome: Outcome) -> str:
    if outcome.status_code is None:
        return outcome.error
    if 200 <= outcome.status_code <= 299:
        return ""
    return f"the receiver answered {outcome.status_code}"


def _sender(delivery: Delivery) -> Actor:
    return Actor(
        kind=ActorKind.SYSTEM,
        id="deliveries",
        label="Webhook deliveries",
        correlation_id=delivery.event.correlation_id,
    )
