"""What the API remembers between requests."""

from typing import Any, ClassVar

from django.db import models

from core.crypto import EncryptedTextField
from core.ids import PrefixedIdField
from core.models.tenant import TenantOwned
from core.querysets import IdempotencyKeyQuerySet, RateBucketQuerySet


class IdempotencyKey(TenantOwned):
    """The answer to a write, kept so that a repeat with the same key gets it again.

    It commits together with the write itself: either both exist or neither does.
    """

    id = PrefixedIdField("idk", primary_key=True)
    credential = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="Keyed hash of method, path and body")
    status_code = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = EncryptedTextField(blank=True)
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar[Any] = IdempotencyKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "credential", "key"], name="idempotency_key_once_per_credential"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class RateBucket(models.Model):
    """How far a client has used up its rate limit (generic cell rate algorithm).

    ``full_at`` is the theoretical arrival time in microseconds since 1970: see ``throttling``.
    """

    name = models.CharField(max_length=120, primary_key=True)
    full_at = models.BigIntegerField(db_index=True)

    objects: ClassVar[Any] = RateBucketQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
