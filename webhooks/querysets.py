"""Questions about subscriptions, deliveries and attempts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Exists, Max, OuterRef

from core.querysets import TenantQuerySet

if TYPE_CHECKING:
    from webhooks.models import (  # noqa: F401  # named in the types below
        Attempt,
        Delivery,
        SigningSecret,
        Subscription,
    )


class SubscriptionQuerySet(TenantQuerySet["Subscription"]):
    """Questions about subscriptions."""

    def enabled(self) -> Self:
        """Return those that get new deliveries."""
        return self.filter(enabled=True)

    def with_due_deliveries(self, now: datetime) -> Self:
        """Return those for which there is something to send at ``now``."""
        deliveries = apps.get_model("webhooks", "Delivery").objects
        due = deliveries.pending_by(now).filter(subscription=OuterRef("pk"))
        return self.filter(Exists(due), enabled=True, tenant__active=True)


class SigningSecretQuerySet(TenantQuerySet["SigningSecret"]):
    """Questions about signing secrets."""

    def live(self, now: datetime) -> Self:
        """Return those that sign at ``now``, newest first."""
        return self.exclude(expires_at__lte=now).order_by("-created_at", "-id")

    def current(self) -> Self:
        """Return those that nothing has replaced yet."""
        return self.filter(expires_at=None)

    def last_expiry(self, subscription: Subscription) -> datetime | None:
        """Return when the last of the replaced secrets stops signing; None when none was replaced."""
        moment: datetime | None = self.filter(subscription=subscription).aggregate(
            moment=Max("expires_at")
        )["moment"]
        return moment


class DeliveryQuerySet(TenantQuerySet["Delivery"]):
    """Questions about deliveries."""

    def pending_by(self, now: datetime) -> Self:
        """Return what may be tried at ``now`` and is in nobody's hands."""
        return self.filter(state="pending", next_attempt_at__lte=now)

    def in_flight(self, now: datetime) -> Self:
        """Return what some worker holds under a lease that has not ended."""
        return self.filter(claim_id__isnull=False, next_attempt_at__gt=now)

    def in_flight_by_subscription(self, now: datetime) -> dict[str, int]:
        """Return how many requests are on their way, for each subscription with any."""
        counted = self.in_flight(now).order_by().values_list("subscription")
        return dict(counted.annotate(number=Count("*")))

    def claim(
        self,
        subscription: Subscription,
        limit: int,
        now: datetime,
        until: datetime,
        claim_id: UUID,
    ) -> int:
        """Hide up to ``limit`` due deliveries from other workers; return how many.

        To be called in a transaction. PostgreSQL passes over the rows that another worker is
        taking; SQLite has one writer at a time.
        """
        due = self.pending_by(now).filter(subscription=subscription)
        chosen = (
            due.order_by("next_attempt_at", "id")
            .select_for_update(skip_locked=True)
            .values_list("id", flat=True)[:limit]
        )
        return due.filter(id__in=list(chosen)).update(claim_id=claim_id, next_attempt_at=until)

    def dead_since(self, moment: datetime) -> Self:
        """Return what was given up at ``moment`` or later."""
        return self.filter(state="dead", finished_at__gte=moment)

    def restart(self, now: datetime) -> int:
        """Make finished deliveries due again; return how many there were.

        One UPDATE decides, so of two people who press the button at once one restarts a row.
        """
        return self.exclude(state="pending").update(
            state="pending", next_attempt_at=now, finished_at=None, failures=0
        )


class AttemptQuerySet(TenantQuerySet["Attempt"]):
    """Questions about attempts."""

    def of(self, delivery: Delivery) -> Self:
        """Return the tries of one delivery, the latest first."""
        return self.filter(delivery=delivery).order_by("-number")
