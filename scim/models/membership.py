"""Who is in which group."""

from typing import Any, ClassVar

from django.db import models

from core.models import Tenant, TenantOwned
from core.querysets import TenantQuerySet
from scim.models.resource import Resource


class Membership(TenantOwned):
    """One member of one group, a user or another group.

    An identity provider may name a member that is not here. Its id is then kept in ``unknown_id``,
    so that one stale id does not sink a push of thousands.
    """

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    group = models.ForeignKey(Resource, models.CASCADE, related_name="memberships", db_index=False)
    member = models.ForeignKey(Resource, models.CASCADE, null=True, related_name="groups")
    unknown_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "member"], name="member_once_in_group"),
            models.UniqueConstraint(
                fields=["group", "unknown_id"],
                condition=~models.Q(unknown_id=""),
                name="unknown_member_once_in_group",
            ),
            models.CheckConstraint(
                condition=models.Q(member=None) ^ models.Q(unknown_id=""),
                name="member_is_known_or_unknown",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "unknown_id"],
                condition=~models.Q(unknown_id=""),
                name="member_still_unknown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id or self.unknown_id} in {self.group_id}"
