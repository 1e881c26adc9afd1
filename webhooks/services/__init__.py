"""Changes to subscriptions, secrets and deliveries, and what can be tried before saving."""

from webhooks.services.failing import disable_failing, warn_failing
from webhooks.services.mails import mail_staff
from webhooks.services.recoveries import (
    REPLAY_TASK,
    Recovery,
    Span,
    cancel,
    count_recoverable,
    go_on,
    recover,
)
from webhooks.services.replays import replay, replay_many, retry_now
from webhooks.services.secrets import MAX_OVERLAP, ROTATION_OVERLAP, rotate_secret
from webhooks.services.subscriptions import (
    Saved,
    create_subscription,
    delete_subscription,
    disable,
    enable,
    update_subscription,
)
from webhooks.services.trials import Preview, Sample, preview, send_test

__all__ = [
    "MAX_OVERLAP",
    "REPLAY_TASK",
    "ROTATION_OVERLAP",
    "Preview",
    "Recovery",
    "Sample",
    "Saved",
    "Span",
    "cancel",
    "count_recoverable",
    "create_subscription",
    "delete_subscription",
    "disable",
    "disable_failing",
    "enable",
    "go_on",
    "mail_staff",
    "preview",
    "recover",
    "replay",
    "replay_many",
    "retry_now",
    "rotate_secret",
    "send_test",
    "update_subscription",
    "warn_failing",
]
