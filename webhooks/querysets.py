"""Questions about subscriptions, deliveries and attempts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import Manager, Max, Q

from core.ids import decode
from core.querysets import TenantQuerySet
from webhooks.statements import among

if TYPE_CHECKING:
    from webhooks.models import (  # noqa: F401  # named in the types below
        Attempt,
        Delivery,
        Endpoint,
        EndpointSecret,
        Lane,
        Message,
        Refusal,
        Replay,
        SigningSecret,
        Subscription,
    )


# No worker writes down a lease that ends later than this. One that does is of a worker that died
# while its clock was ahead.
LONGEST_LEASE = timedelta(minutes=1)


class SubscriptionQuerySet(TenantQuerySet["Subscription"]):
    """Questions about subscriptions."""

    def enabled(self) -> Self:
        """Return those that get new deliveries."""
        return self.filter(enabled=True)

    def deleted(self) -> Self:
        """Return those that are only there until what they leave behind is erased."""
        return self.filter(deleted_at__isnull=False)


VisibleSubscriptions = Manager.from_queryset(SubscriptionQuerySet)


class SubscriptionManager(VisibleSubscriptions["Subscription"]):
    """All subscriptions but the deleted ones, which nobody sees any more."""

    def get_queryset(self) -> SubscriptionQuerySet:
        """Return what there is to be seen."""
        return SubscriptionQuerySet(self.model, using=self._db).filter(deleted_at=None)


class SigningSecretQuerySet(TenantQuerySet["SigningSecret"]):
    """Questions about signing secrets."""

    def live(self, now: datetime) -> Self:
        """Return those that sign at ``now``, newest first."""
        return self.exclude(expires_at__lte=now).order_by("-created_at", "-id")

    def current(self) -> Self:
        """Return those that nothing has replaced yet."""
        return self.filter(expires_at=None)

    def end(self, moment: datetime) -> int:
        """Have none sign after ``moment``, also those that were replaced before; return how many."""
        return self.exclude(expires_at__lte=moment).update(expires_at=moment)

    def last_expiry(self, subscription: Subscription) -> datetime | None:
        """Return when the last of the replaced secrets stops signing; None when none was replaced."""
        moment: datetime | None = self.filter(subscription=subscription).aggregate(
            moment=Max("expires_at")
        )["moment"]
        return moment


class DeliveryQuerySet(TenantQuerySet["Delivery"]):
    """Questions about deliveries."""

    def pending(self) -> Self:
        """Return what is still owed: what has a next attempt, which is what the index knows."""
        return self.filter(next_attempt_at__isnull=False)

    def dead_between(self, since: datetime, until: datetime) -> Self:
        """Return what was given up at ``since`` or later and before ``until``."""
        return self.filter(state="dead", finished_at__gte=since, finished_at__lt=until)

    def replayable(self) -> Self:
        """Return what can be sent again: it is finished, its event is still known, somebody waits."""
        return self.exclude(state="pending").filter(
            subscription__enabled=True, event__data__isnull=False
        )

    def restart(self, now: datetime) -> int:
        """Make finished deliveries due again; return how many there were.

        One UPDATE decides, so of two people who press the button at once one restarts a row.
        """
        return self.exclude(state="pending").update(
            state="pending", next_attempt_at=now, finished_at=None, failures=0
        )


class LaneQuerySet(TenantQuerySet["Lane"]):
    """Questions about lanes."""

    def due(self, now: datetime) -> Self:
        """Return those from which something may be sent at ``now`` by whoever takes them."""
        return self.filter(
            Q(owned_until=None) | Q(owned_until__lte=now) | Q(owned_until__gt=now + LONGEST_LEASE),
            Q(paused_until=None) | Q(paused_until__lte=now),
            due_at__lte=now,
            subscription__enabled=True,
            tenant__active=True,
        )

    def owned(self, owner: UUID) -> Self:
        """Return those that a worker sends from."""
        return self.filter(owner=owner)

    def awaken(self, subscriptions: Iterable[str], now: datetime) -> int:
        """Say that there is something to send at ``now``; return for how many it is news.

        To be called in the transaction that makes it so, before or after: whoever is about to
        leave a lane waits for the rows, and then sees what is new.
        """
        late = self.locked(subscriptions).filter(Q(due_at=None) | Q(due_at__gt=now))
        return late.update(due_at=now)

    def resume(self, subscriptions: Iterable[str], now: datetime) -> int:
        """Close the circuits that are open; return how many were. A rate goes on being kept.

        A worker that has a lane in its hands learns of it when it leaves it.
        """
        lanes = self.locked(subscriptions)
        lanes.update(resumed_at=now)
        return lanes.filter(trips__gt=0).update(paused_until=None, trips=0)

    def locked(self, subscriptions: Iterable[str]) -> Self:
        """Return the lanes of some subscriptions, locked in an order that all keep to."""
        lanes = self.filter(pk__in=among(decode("sub", key) for key in subscriptions))
        list(lanes.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        return lanes


LoggedDeliveries = Manager.from_queryset(DeliveryQuerySet)


class DeliveryManager(LoggedDeliveries["Delivery"]):
    """All deliveries but those of deleted subscriptions, which are about to be erased."""

    def get_queryset(self) -> DeliveryQuerySet:
        """Return what there is to be seen."""
        subscriptions: Any = self.model._meta.get_field("subscription").related_model  # noqa: SLF001  # Django's API
        return DeliveryQuerySet(self.model, using=self._db).exclude(
            subscription__in=subscriptions.with_deleted.deleted()
        )


class AttemptQuerySet(TenantQuerySet["Attempt"]):
    """Questions about attempts."""

    def of(self, delivery: Delivery) -> Self:
        """Return the tries of one delivery, the latest first."""
        return self.filter(delivery=delivery).order_by("-number")


class ReplayQuerySet(TenantQuerySet["Replay"]):
    """Questions about long replays."""

    def unfinished(self) -> Self:
        """Return those that are under way, the oldest first."""
        return self.filter(finished_at=None).order_by("id")

    def going_on(self) -> Self:
        """Return those that are not finished; while its subscription is off, a replay waits too."""
        return self.unfinished().exclude(subscription__enabled=False)


class EndpointQuerySet(TenantQuerySet["Endpoint"]):
    """Questions about endpoints."""

    def enabled(self) -> Self:
        """Return those that take requests."""
        return self.filter(enabled=True, tenant__active=True)

    def deleted(self) -> Self:
        """Return those that are only there until what they leave behind is erased."""
        return self.filter(deleted_at__isnull=False)


VisibleEndpoints = Manager.from_queryset(EndpointQuerySet)


class EndpointManager(VisibleEndpoints["Endpoint"]):
    """All endpoints but the deleted ones, which nobody sees any more."""

    def get_queryset(self) -> EndpointQuerySet:
        """Return what there is to be seen."""
        return EndpointQuerySet(self.model, using=self._db).filter(deleted_at=None)


class EndpointSecretQuerySet(TenantQuerySet["EndpointSecret"]):
    """Questions about the secrets of endpoints."""

    def live(self, now: datetime) -> Self:
        """Return those that verify requests at ``now``, newest first."""
        return self.exclude(expires_at__lte=now).order_by("-created_at", "-id")

    def end(self, moment: datetime) -> int:
        """Have none be believed after ``moment``, also those that were replaced before."""
        return self.exclude(expires_at__lte=moment).update(expires_at=moment)


class MessageQuerySet(TenantQuerySet["Message"]):
    """Questions about messages."""

    def due(self, now: datetime) -> Self:
        """Return those that are to become events now, the longest waiting first."""
        return self.filter(due_at__lte=now).order_by("due_at", "id")

    def replayable(self) -> Self:
        """Return those that may become an event, once more or at last: what they say is still known."""
        return self.exclude(state="received").filter(body__isnull=False)

    def restart(self, now: datetime) -> int:
        """Have messages become events again; return how many there were.

        One UPDATE decides, so of two people who press the button at once one restarts a row.
        """
        return self.exclude(state="received").update(
            state="received", due_at=now, failures=0, error=""
        )


ReceivedMessages = Manager.from_queryset(MessageQuerySet)


class MessageManager(ReceivedMessages["Message"]):
    """All messages but those of deleted endpoints, which are about to be erased."""

    def get_queryset(self) -> MessageQuerySet:
        """Return what there is to be seen."""
        endpoints: Any = self.model._meta.get_field("endpoint").related_model  # noqa: SLF001  # Django's API
        return MessageQuerySet(self.model, using=self._db).exclude(
            endpoint__in=endpoints.with_deleted.deleted()
        )


class RefusalQuerySet(TenantQuerySet["Refusal"]):
    """Questions about what was refused."""

    def older_than(self, moment: datetime) -> Self:
        """Return what was refused in hours before ``moment``."""
        return self.filter(hour__lt=moment)


CountedRefusals = Manager.from_queryset(RefusalQuerySet)


class RefusalManager(CountedRefusals["Refusal"]):
    """All refusals but those of deleted endpoints, which are about to be erased."""

    def get_queryset(self) -> RefusalQuerySet:
        """Return what there is to be seen."""
        endpoints: Any = self.model._meta.get_field("endpoint").related_model  # noqa: SLF001  # Django's API
        gone = Q(endpoint__in=endpoints.with_deleted.deleted())
        return RefusalQuerySet(self.model, using=self._db).filter(Q(endpoint=None) | ~gone)
