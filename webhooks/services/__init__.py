"""Changes to subscriptions, endpoints, their secrets, deliveries and messages, and trials before saving."""

from webhooks.services.endpoint_samples import SampleOutcome, send_endpoint_sample
from webhooks.services.endpoints import (
    SavedEndpoint,
    create_endpoint,
    delete_endpoint,
    replace_endpoint_secret,
    switch_endpoint,
    update_endpoint,
)
from webhooks.services.failing import disable_failing, warn_failing
from webhooks.services.mails import mail_staff
from webhooks.services.messages import (
    MessageSpan,
    count_replayable,
    replay_message,
    replay_messages,
    replay_span,
)
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
    "MessageSpan",
    "Preview",
    "Recovery",
    "Sample",
    "SampleOutcome",
    "Saved",
    "SavedEndpoint",
    "Span",
    "cancel",
    "count_recoverable",
    "count_replayable",
    "create_endpoint",
    "create_subscription",
    "delete_endpoint",
    "delete_subscription",
    "disable",
    "disable_failing",
    "enable",
    "go_on",
    "mail_staff",
    "preview",
    "recover",
    "replace_endpoint_secret",
    "replay",
    "replay_many",
    "replay_message",
    "replay_messages",
    "replay_span",
    "retry_now",
    "rotate_secret",
    "send_endpoint_sample",
    "send_test",
    "switch_endpoint",
    "update_endpoint",
    "update_subscription",
    "warn_failing",
]
