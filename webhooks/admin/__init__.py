"""Webhooks' pages in the admin. Importing this package registers them."""

from webhooks.admin import deliveries, subscriptions

__all__ = ["deliveries", "subscriptions"]
