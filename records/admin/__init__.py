"""Records' pages in the admin. Importing this package registers them."""

from records.admin import record_types, records

__all__ = ["record_types", "records"]
