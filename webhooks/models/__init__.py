"""Who wants events and what is owed to them; who sends us webhooks and what has come."""

from webhooks.models.delivery import Attempt, Delivery
from webhooks.models.endpoint import Endpoint, EndpointSecret
from webhooks.models.lane import Lane
from webhooks.models.message import Message, Refusal
from webhooks.models.replay import Replay
from webhooks.models.subscription import SigningSecret, Subscription

__all__ = [
    "Attempt",
    "Delivery",
    "Endpoint",
    "EndpointSecret",
    "Lane",
    "Message",
    "Refusal",
    "Replay",
    "SigningSecret",
    "Subscription",
]
