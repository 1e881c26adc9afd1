"""Gitea and Forgejo: the HMAC-SHA256 of the body, in bare hexadecimal. Source: docs.gitea.com, "Webhooks"."""

from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import Sample


class Gitea(PlainHmac):
    """A webhook of a repository on Gitea; Forgejo sends its headers as well."""

    name = "gitea"
    label = "Gitea, Forgejo"
    hint = "The same text as in the field Secret of the webhook."
    secret_is_ours = True
    message_key = "header:X-Gitea-Delivery"
    event_type = "header:X-Gitea-Event"
    header = "X-Gitea-Signature"
    sample = Sample(
        body=b'{"ref": "refs/heads/main", "commits": []}',
        headers={
            "content-type": "application/json",
            "x-gitea-event": "push",
            "x-gitea-delivery": "00000000-0000-4000-8000-000000000000",
        },
    )
