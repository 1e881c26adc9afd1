"""The directory's pages in the admin. Importing this package registers them."""

from scim.admin import mappings

__all__ = ["mappings"]
