"""Who wants events, what is owed to them, and how each try went."""

from webhooks.models.delivery import Attempt, Delivery
from webhooks.models.lane import Lane
from webhooks.models.replay import Replay
from webhooks.models.subscription import SigningSecret, Subscription

__all__ = ["Attempt", "Delivery", "Lane", "Replay", "SigningSecret", "Subscription"]
