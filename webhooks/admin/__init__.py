"""Webhooks' pages in the admin. Importing this package registers them."""

from webhooks.admin import attempts, deliveries, lanes, replays, signing, subscriptions

__all__ = ["attempts", "deliveries", "lanes", "replays", "signing", "subscriptions"]
