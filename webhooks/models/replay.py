"""Long replays: what is being sent again, and how far that has come."""

from typing import Any, ClassVar

from django.db import models

from core.ids import PrefixedIdField
from core.models import TenantOwned
from webhooks.models.subscription import Subscription
from webhooks.querysets import ReplayQuerySet


class Replay(TenantOwned):
    """All that was given up from ``since`` until before ``until``, being sent again in batches.

    Without a subscription it is about all of the tenant's. ``until`` is never later than the moment
    at which it began: what is given up once more is not sent again for ever. ``total`` was counted
    in the beginning; ``done`` may stay behind it, when somebody was faster with some of them.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running"
        FINISHED = "finished"
        CANCELED = "canceled"

    id = PrefixedIdField("rpl", primary_key=True)
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, null=True, related_name="replays"
    )
    since = models.DateTimeField()
    until = models.DateTimeField()
    actor = models.CharField(max_length=200)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    canceled = models.BooleanField(default=False)

    objects: ClassVar[Any] = ReplayQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(finished_at=None), name="replay_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def state(self) -> str:
        """Where it stands, one of State."""
        if self.finished_at is None:
            return self.State.RUNNING
        return self.State.CANCELED if self.canceled else self.State.FINISHED
