"""Changes to what core owns: tenants and people, credentials, configuration, event types."""

from core.services.access import end_access, restore_access
from core.services.api_clients import NewClient, create_api_client, renew_client_secret
from core.services.api_keys import (
    ROTATION_OVERLAP,
    NewKey,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)
from core.services.configuration import delete_config_value, set_config_value
from core.services.encryption import Rotation, rotate_encryption_key
from core.services.event_types import (
    MAX_DATA_BYTES,
    create_event_type,
    delete_event_type,
    publish_custom,
    update_event_type,
)
from core.services.people import NewStaff, create_staff, create_tenant, tenant_permissions
from core.services.scopes import check_scopes

__all__ = [
    "MAX_DATA_BYTES",
    "ROTATION_OVERLAP",
    "NewClient",
    "NewKey",
    "NewStaff",
    "Rotation",
    "check_scopes",
    "create_api_client",
    "create_api_key",
    "create_event_type",
    "create_staff",
    "create_tenant",
    "delete_config_value",
    "delete_event_type",
    "end_access",
    "publish_custom",
    "renew_client_secret",
    "restore_access",
    "revoke_api_key",
    "rotate_api_key",
    "rotate_encryption_key",
    "set_config_value",
    "tenant_permissions",
    "update_event_type",
]
