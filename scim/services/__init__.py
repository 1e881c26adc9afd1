"""Changes to directories themselves; users and groups are changed through ``scim.storage``."""

from scim.services.directories import (
    KEY_NAME,
    Opened,
    base_url,
    create_token,
    open_directory,
)
from scim.services.mappings import BUILT_IN, restore_mapping, save_mapping, user_attributes
from scim.services.trials import dry_run, preview

__all__ = [
    "BUILT_IN",
    "KEY_NAME",
    "Opened",
    "base_url",
    "create_token",
    "dry_run",
    "open_directory",
    "preview",
    "restore_mapping",
    "save_mapping",
    "user_attributes",
]
