"""Changes to directories themselves; users and groups are changed through ``scim.storage``."""

from scim.services.directories import (
    KEY_NAME,
    Opened,
    base_url,
    change_directory,
    create_token,
    open_directory,
)
from scim.services.mappings import BUILT_IN, restore_mapping, save_mapping, user_attributes
from scim.services.roles import (
    delete_role,
    grant_role,
    save_role,
    withdraw_role,
)
from scim.services.trials import dry_run, preview

__all__ = [
    "BUILT_IN",
    "KEY_NAME",
    "Opened",
    "base_url",
    "change_directory",
    "create_token",
    "delete_role",
    "dry_run",
    "grant_role",
    "open_directory",
    "preview",
    "restore_mapping",
    "save_mapping",
    "save_role",
    "user_attributes",
    "withdraw_role",
]
