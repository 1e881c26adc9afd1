"""The place of a subscription in the queue, and how its receiver is doing."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from core.models import TenantOwned
from webhooks.breaker import Breaker, Circuit
from webhooks.models.subscription import Subscription
from webhooks.querysets import LaneQuerySet


class Lane(TenantOwned):
    """The queue of one subscription. One worker at a time sends from it.

    That worker writes itself down as ``owner`` and keeps ``owned_until`` ahead of the clock; a
    worker that dies stops doing so, and another one takes the lane over. So what one receiver may
    be burdened with (how much at once, how often, in which order, whether at all) is decided by one
    process in its memory, and a delivery needs no lease of its own.

    ``due_at`` is when there is something to send next, as far as is known: it may be too early,
    never too late. Until ``paused_until`` nothing is sent: the receiver asked for it, or its
    circuit is open, for the ``trips``-th time in a row. ``failing_since`` and ``failures`` tell of
    the time since the last success; ``warned`` is the last step of which the tenant has been told,
    in percent of the time after which the subscription is switched off. ``resumed_at`` is when a
    person last wanted the receiver called regardless: what was noted before does not count.
    """

    subscription = models.OneToOneField(
        Subscription, models.CASCADE, primary_key=True, related_name="lane"
    )
    due_at = models.DateTimeField(null=True)
    owner = models.UUIDField(null=True, editable=False)
    owned_until = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    trips = models.PositiveSmallIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    warned = models.PositiveSmallIntegerField(default=0)
    resumed_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = LaneQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="lane_due"
            ),
            models.Index(
                fields=["owner"], condition=models.Q(owner__isnull=False), name="lane_owned"
            ),
        ]

    def __str__(self) -> str:
        return f"lane of {self.subscription}"

    def circuit(self, now: datetime) -> Circuit:
        """Return whether requests get through, as the last worker has left it.

        A lane that only keeps to its rate is closed: nothing has gone wrong with its receiver.
        """
        if not self.trips:
            return Circuit.CLOSED
        return Breaker(trips=self.trips, paused_until=self.paused_until).state(now)
