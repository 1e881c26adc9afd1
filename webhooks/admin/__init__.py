"""Webhooks' pages in the admin. Importing this package registers them."""

from webhooks.admin import deliveries, replays, subscriptions

__all__ = ["deliveries", "replays", "subscriptions"]
