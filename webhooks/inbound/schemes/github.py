"""GitHub: the HMAC-SHA256 of the body, in hexadecimal.

Source: docs.github.com, "Validating webhook deliveries".
"""

from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import Sample


class GitHub(PlainHmac):
    """A webhook of a repository, an organization or an app on GitHub."""

    name = "github"
    label = "GitHub"
    hint = "The same text as in the field Secret of the webhook on GitHub."
    secret_is_ours = True
    message_key = "header:X-GitHub-Delivery"
    event_type = "header:X-GitHub-Event"
    header = "X-Hub-Signature-256"
    prefix = "sha256="
    sample = Sample(
        body=b'{"zen": "Design for failure.", "hook_id": 1}',
        headers={
            "content-type": "application/json",
            "x-github-event": "ping",
            "x-github-delivery": "00000000-0000-4000-8000-000000000000",
        },
    )
