"""Who wants events, what is owed to them, and how each try went."""

from webhooks.models.delivery import Attempt, Delivery
from webhooks.models.subscription import SigningSecret, Subscription

__all__ = ["Attempt", "Delivery", "SigningSecret", "Subscription"]
