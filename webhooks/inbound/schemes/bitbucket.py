"""Bitbucket, Cloud and Data Center. Source: support.atlassian.com, "Manage webhooks", "Securing webhooks"."""

from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import Sample


class Bitbucket(PlainHmac):
    """A webhook of a repository on Bitbucket. Without a secret, Bitbucket does not sign at all."""

    name = "bitbucket"
    label = "Bitbucket"
    hint = "The same text as in the field Secret of the webhook on Bitbucket."
    secret_is_ours = True
    message_key = "header:X-Request-UUID"
    event_type = "header:X-Event-Key"
    header = "X-Hub-Signature"
    prefix = "sha256="
    sample = Sample(
        body=b'{"actor": {"display_name": "Mia"}, "push": {"changes": []}}',
        headers={
            "content-type": "application/json",
            "x-event-key": "repo:push",
            "x-request-uuid": "00000000-0000-4000-8000-000000000000",
        },
    )
