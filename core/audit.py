"""The audit trail: one entry per change of configuration, privilege or sensitive read."""

from typing import Any

from django.db import models

from core.models import AuditEntry, Tenant
from core.types import Actor

LABEL_LENGTH = 200


def record(
    action: str,
    *,
    tenant: Tenant | None,
    actor: Actor,
    target: models.Model | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry, in the caller's transaction: what is rolled back was never done.

    ``action`` is ``<kind>.<past participle>``, for example ``api_key.created``. ``details`` must
    hold no secret.
    """
    entry: AuditEntry = AuditEntry.objects.create(
        tenant=tenant,
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:LABEL_LENGTH],
        target_type=target._meta.label_lower if target else "",  # noqa: SLF001  # Django's documented API
        target_id=str(target.pk) if target else "",
        target_label=str(target)[:LABEL_LENGTH] if target else "",
        details=details or {},
        request_id=actor.request_id,
        ip_address=actor.ip_address,
    )
    return entry
