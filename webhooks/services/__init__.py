"""Changes to subscriptions, secrets and deliveries, and what can be tried before saving."""

from webhooks.services.replays import replay, replay_dead, replay_many
from webhooks.services.secrets import MAX_OVERLAP, ROTATION_OVERLAP, rotate_secret
from webhooks.services.subscriptions import (
    Saved,
    create_subscription,
    delete_subscription,
    disable,
    disable_gone,
    enable,
    update_subscription,
)
from webhooks.services.trials import Preview, Sample, preview, send_test

__all__ = [
    "MAX_OVERLAP",
    "ROTATION_OVERLAP",
    "Preview",
    "Sample",
    "Saved",
    "create_subscription",
    "delete_subscription",
    "disable",
    "disable_gone",
    "enable",
    "preview",
    "replay",
    "replay_dead",
    "replay_many",
    "rotate_secret",
    "send_test",
    "update_subscription",
]
