"""Webhooks' pages in the admin. Importing this package registers them."""

from webhooks.admin import (
    attempts,
    deliveries,
    endpoints,
    lanes,
    messages,
    refusals,
    replays,
    signing,
    subscriptions,
)

__all__ = [
    "attempts",
    "deliveries",
    "endpoints",
    "lanes",
    "messages",
    "refusals",
    "replays",
    "signing",
    "subscriptions",
]
