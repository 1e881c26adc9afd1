"""Creating, changing and switching subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit, wakeups
from core.models import Tenant
from core.types import Actor
from webhooks import validation
from webhooks.deletion import ERASE_TASK
from webhooks.dispatch import awaken
from webhooks.errors import InvalidSubscriptionError, Problem
from webhooks.models import Lane, Replay, SigningSecret, Subscription
from webhooks.redaction import MASK
from webhooks.retry import parse_policy, policy_json
from webhooks.services.recoveries import REPLAY_TASK
from webhooks.services.secrets import issue
from webhooks.types import HeaderField, NewSecret, SubscriptionFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A subscription as it was saved.

    ``secrets`` are the keys that were made for it, known only now. ``warnings`` say what does not
    fit the examples of its event types; it was saved all the same.
    """

    subscription: Subscription
    secrets: tuple[NewSecret, ...]
    warnings: tuple[Problem, ...]


@transaction.atomic
def create_subscription(
    tenant: Tenant, fields: SubscriptionFields, *, actor: Actor, secret: str = ""
) -> Saved:
    """Create a subscription; ``secret`` is the tenant's own, or empty for a random one.

    Raises InvalidSubscriptionError with everything there is to correct.
    """
    subscription = Subscription(tenant=tenant)
    _assign(subscription, fields)
    problems = validation.check(subscription)
    if secret and (problem := validation.check_secret(secret)):
        problems.append(problem)
    if problems:
        raise InvalidSubscriptionError(problems)
    _normalize(subscription)
    now = timezone.now()
    subscription.save(force_insert=True)
    Lane.objects.create(tenant=tenant, subscription=subscription)
    secrets = issue(subscription, now, secret)
    audit.record(
        "subscription.created",
        tenant=tenant,
        actor=actor,
        target=subscription,
        details={"event_types": list(subscription.event_types)},
    )
    return Saved(
        subscription=subscription,
        secrets=secrets,
        warnings=validation.warnings(subscription, now),
    )


@transaction.atomic
def update_subscription(
    subscription: Subscription, changes: SubscriptionFields, *, actor: Actor
) -> Saved:
    """Change the fields that ``changes`` names, and read the rest of ``subscription`` anew.

    A header whose value is the mask keeps the value that is stored under its name. Raises
    InvalidSubscriptionError with everything there is to correct.
    """
    locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
    was_enabled = locked.enabled
    _assign(locked, changes)
    if problems := validation.check(locked):
        raise InvalidSubscriptionError(problems)
    _normalize(locked)
    now = timezone.now()
    if locked.enabled:
        locked.disabled_reason = ""
    locked.save(update_fields=[*changes, "disabled_reason", "updated_at"])
    secrets = issue(locked, now)
    if locked.enabled and not was_enabled:
        _resume(locked)
    elif locked.enabled:
        # What held a delivery up, such as the order, may no longer do so.
        awaken([locked.pk], now)
    audit.record(
        "subscription.updated",
        tenant=locked.tenant,
        actor=actor,
        target=locked,
        details={"fields": sorted(changes)},
    )
    subscription.refresh_from_db()
    return Saved(
        subscription=subscription,
        secrets=secrets,
        warnings=validation.warnings(subscription, now),
    )


@transaction.atomic
def delete_subscription(subscription: Subscription, *, actor: Actor) -> None:
    """Delete a subscription: nothing of it is seen or sent any more. Safe to call twice.

    Its secrets are erased at once; what is owed to it, and the log of its deliveries, in the
    background, for there may be millions of them.
    """
    now = timezone.now()
    # The lock waits for the dispatcher; whoever comes after it adds no deliveries any more.
    if not Subscription.objects.filter(pk=subscription.pk).update(
        deleted_at=now, enabled=False, disabled_reason="", headers=[], updated_at=now
    ):
        return
    # A batch of a replay locks its lane last, so the replays go first.
    for model in (Replay, Lane, SigningSecret):
        model.objects.filter(subscription=subscription).delete()
    audit.record(
        "subscription.deleted", tenant=subscription.tenant, actor=actor, target=subscription
    )
    wakeups.wake(ERASE_TASK)


@transaction.atomic
def enable(subscription: Subscription, *, actor: Actor) -> None:
    """Switch a subscription on; what has been waiting is sent. Safe to call twice."""
    if _switch(subscription, on=True):
        _resume(subscription)
        audit.record(
            "subscription.enabled", tenant=subscription.tenant, actor=actor, target=subscription
        )


@transaction.atomic
def disable(subscription: Subscription, *, actor: Actor, reason: str = "") -> bool:
    """Switch a subscription off: no new deliveries, and pending ones wait. Safe to call twice.

    Returns False when it was off already.
    """
    if not _switch(subscription, on=False, reason=reason):
        return False
    audit.record(
        "subscription.disabled",
        tenant=subscription.tenant,
        actor=actor,
        target=subscription,
        details={"reason": reason},
    )
    return True


def _resume(subscription: Subscription) -> None:
    """Have what has been waiting sent, by a receiver of which nothing bad is known any more."""
    now = timezone.now()
    lane = Lane.objects.filter(pk=subscription.pk)
    lane.update(failing_since=None, failures=0, warned=0)
    Lane.objects.resume([subscription.pk], now)
    awaken([subscription.pk], now)
    wakeups.wake(REPLAY_TASK)


def _switch(subscription: Subscription, *, on: bool, reason: str = "") -> bool:
    """Switch, and say whether that changed anything: of two at once, one does it.

    Raises Subscription.DoesNotExist when it has been deleted meanwhile.
    """
    changed = Subscription.objects.filter(pk=subscription.pk, enabled=not on).update(
        enabled=on, disabled_reason=reason, updated_at=timezone.now()
    )
    fields = ["enabled", "disabled_reason", "updated_at"]
    subscription.refresh_from_db(fields=fields, from_queryset=Subscription.objects.all())
    return bool(changed)


def _assign(subscription: Subscription, fields: SubscriptionFields) -> None:
    stored = {header["name"].lower(): header["value"] for header in subscription.headers}
    for name, value in fields.items():
        setattr(subscription, name, value)
    if "headers" in fields:
        subscription.headers = _unmasked(fields["headers"], stored)


def _unmasked(headers: Sequence[HeaderField], stored: dict[str, str]) -> list[HeaderField]:
    return [
        HeaderField(
            name=header["name"],
            value=stored.get(header["name"].lower(), MASK)
            if header["value"] == MASK
            else header["value"],
        )
        for header in headers
    ]


def _normalize(subscription: Subscription) -> None:
    """Write the retry policy with all its settings; an empty one goes on meaning the standard."""
    if subscription.retry_policy:
        subscription.retry_policy = policy_json(parse_policy(subscription.retry_policy))
