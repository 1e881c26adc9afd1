"""What is owed to subscriptions, and each try to send it."""

from typing import Any, ClassVar

from django.db import models

from core.ids import PrefixedIdField
from core.models import Event, Tenant, TenantOwned
from webhooks.models.subscription import Subscription
from webhooks.querysets import AttemptQuerySet, DeliveryManager


class Delivery(TenantOwned):
    """One event owed to one subscription. Its id is the ``webhook-id`` of every attempt.

    It is sent by the worker that owns the subscription's Lane, and only that one may change it.
    ``failures`` counts since the last replay, ``attempts`` all there ever were. ``position`` is
    the event's; ``ordering_key`` names what must be delivered in its order, and is mostly empty.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead"

    id = PrefixedIdField("dlv", primary_key=True)
    # Every index that begins with the tenant serves as its own.
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries", db_index=False)
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="deliveries", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    position = models.PositiveBigIntegerField(default=0)
    ordering_key = models.CharField(max_length=200, blank=True)
    last_status_code = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[DeliveryManager] = DeliveryManager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "subscription"], name="delivery_once_per_subscription"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="pending", next_attempt_at__isnull=False, finished_at__isnull=True
                )
                | models.Q(
                    ~models.Q(state="pending"),
                    next_attempt_at__isnull=True,
                    finished_at__isnull=False,
                ),
                name="delivery_pending_has_next_attempt",
            ),
        ]
        indexes = [
            # The worker's questions: what is due, and what stands before it? Not by state: the
            # readers' index below would fit the questions too, and hold all that a tenant has.
            models.Index(
                fields=["subscription", "next_attempt_at", "id"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(
                fields=["subscription", "ordering_key", "position"],
                condition=models.Q(next_attempt_at__isnull=False) & ~models.Q(ordering_key=""),
                name="delivery_in_order",
            ),
            # The readers' questions.
            models.Index(fields=["tenant", "-id"], name="delivery_by_tenant"),
            models.Index(
                fields=["tenant", "state", "-id"],
                condition=~models.Q(state="delivered"),
                name="delivery_not_delivered",
            ),
            models.Index(fields=["subscription", "-id"], name="delivery_by_subscription"),
            models.Index(
                fields=["tenant", "finished_at"],
                condition=models.Q(state="dead"),
                name="delivery_dead_since",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Attempt(TenantOwned):
    """One try to send a delivery: what came back, with secrets blotted out.

    The request is not stored: event, templates and secrets give it again. ``error_code`` is empty
    when the receiver answered; ``response_body`` is the beginning of the answer.
    """

    id = PrefixedIdField("att", primary_key=True)
    # Nobody looks for attempts by tenant; each goes with its delivery, whose tenant it has. To have
    # the database check that would cost a lock on the tenant's one row with every attempt.
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="attempt_log", db_index=False
    )
    number = models.PositiveIntegerField(help_text="Counts from 1, over replays too.")
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    error_code = models.CharField(max_length=50, blank=True)
    error = models.CharField(max_length=500, blank=True)
    response_headers = models.JSONField(default=list, help_text="A list of [name, value].")
    response_body = models.TextField(blank=True)

    objects: ClassVar[Any] = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], name="attempt_numbered_once_per_delivery"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"
