"""Values that no two users of a tenant may share."""

from typing import Any, ClassVar

from django.db import models

from core.models import Tenant, TenantOwned
from core.querysets import TenantQuerySet
from scim.models.resource import Resource

ATTRIBUTE_LENGTH = 300
DIGEST_LENGTH = 64


class UniqueValue(TenantOwned):
    """One value of an attribute that the tenant's own schema calls unique (RFC 7643, section 7).

    ``digest`` is the SHA-256 of the value as it is compared: values have no bound, an index has.
    """

    # The unique key begins with the tenant and serves as its index.
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="unique_values")
    attribute = models.CharField(max_length=ATTRIBUTE_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "attribute", "digest"], name="unique_value_is_taken_once"
            ),
        ]

    def __str__(self) -> str:
        return self.attribute
