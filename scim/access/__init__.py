"""What the users of a directory may do here, kept in step with their groups and their state."""

from scim.access.settling import settle

__all__ = ["settle"]
