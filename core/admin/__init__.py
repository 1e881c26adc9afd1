"""Core's pages in the admin. Importing this package registers them."""

from core.admin import access, activity, catalogue, configuration, people

__all__ = ["access", "activity", "catalogue", "configuration", "people"]
