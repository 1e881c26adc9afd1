"""Questions about users and groups."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from core.querysets import TenantQuerySet

if TYPE_CHECKING:
    from scim.models import Resource  # noqa: F401  # named in the types below


class ResourceQuerySet(TenantQuerySet["Resource"]):
    """Questions about users and groups."""

    def present(self) -> Self:
        """Return what has not been deleted."""
        return self.filter(deleted_at=None)

    def buried_before(self, moment: datetime) -> Self:
        """Return the tombstones from before ``moment``."""
        return self.filter(deleted_at__lt=moment)
