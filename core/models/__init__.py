"""The tables every app stands on."""

from core.models.access import ApiClient, ApiKey
from core.models.audit import AuditEntry
from core.models.configuration import ConfigValue
from core.models.event import Event, EventLog, EventType
from core.models.requests import IdempotencyKey, RateBucket
from core.models.tenant import Tenant, TenantLog, TenantOwned
from core.models.user import User
from core.models.wakeup import Wakeup

__all__ = [
    "ApiClient",
    "ApiKey",
    "AuditEntry",
    "ConfigValue",
    "Event",
    "EventLog",
    "EventType",
    "IdempotencyKey",
    "RateBucket",
    "Tenant",
    "TenantLog",
    "TenantOwned",
    "User",
    "Wakeup",
]
