"""Users and groups as the identity provider has sent them."""

from typing import Any, ClassVar

from django.db import models

from core.fields import JsonTextField
from core.ids import PrefixedIdField
from core.models import Tenant, TenantOwned
from scim.querysets import ResourceQuerySet

KEY_LENGTH = 500


class Resource(TenantOwned):
    """A user or a group of a tenant's directory: a SCIM resource (RFC 7643, section 3).

    ``data`` is what the identity provider has sent, in its own spelling, without what is kept
    elsewhere: ``id``, ``meta``, the members of a group (``Membership``), the groups of a user, and
    passwords, which are never kept. ``folded`` is the same in the form in which values are
    compared (``scim.folding``); filters read it. ``deleted_at`` makes a tombstone: nobody sees it,
    and its id is never given again.
    """

    class Kind(models.TextChoices):
        """The types of resources."""

        USER = "User", "User"
        GROUP = "Group", "Group"

    id = PrefixedIdField("scm", primary_key=True)
    # Every index begins with the tenant and serves as its own.
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    key = models.CharField(
        max_length=KEY_LENGTH, help_text="The userName or displayName, as it is compared."
    )
    key_taken = models.BooleanField(
        default=True, help_text="Whether no other resource of the kind may have the same key."
    )
    external_id = models.CharField(max_length=KEY_LENGTH, null=True, blank=True)
    active = models.BooleanField(default=True)
    data = JsonTextField(default=dict)
    folded = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "key"],
                condition=models.Q(deleted_at=None, key_taken=True),
                name="resource_key_is_taken_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "kind", "id"],
                condition=models.Q(deleted_at=None),
                name="resource_in_order",
            ),
            models.Index(
                fields=["tenant", "kind", "key"],
                condition=models.Q(deleted_at=None),
                name="resource_by_key",
            ),
            models.Index(
                fields=["tenant", "kind", "external_id"],
                condition=models.Q(deleted_at=None),
                name="resource_by_external_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
