"""The directory's pages in the admin. Importing this package registers them."""

from scim.admin import directories, mappings

__all__ = ["directories", "mappings"]
