"""Slack: the HMAC-SHA256 of version, timestamp and body, in hexadecimal.

Source: docs.slack.dev, "Verifying requests from Slack", and "url_verification event".
"""

import json

from webhooks.inbound.schemes.handshakes import repeated
from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import DEFAULT_TOLERANCE, Answer, Incoming, Sample


class Slack(PlainHmac):
    """The Events API, interactive components and slash commands of a Slack app."""

    name = "slack"
    label = "Slack"
    hint = "The Signing Secret, under Basic Information of the app on api.slack.com."
    tolerance = DEFAULT_TOLERANCE
    message_key = "body:event_id"
    event_type = "body:event.type"
    header = "X-Slack-Signature"
    prefix = "v0="
    timestamp_header = "X-Slack-Request-Timestamp"
    sample = Sample(
        body=b'{"type": "event_callback", "event_id": "Ev0SAMPLE",'
        b' "event": {"type": "app_mention", "text": "A sample from Patchbay"}}'
    )

    def content(self, incoming: Incoming, timestamp: str) -> bytes:
        return b"v0:%b:%b" % (timestamp.encode(), incoming.body)

    def repeats_told_by(self, incoming: Incoming) -> str:
        # Slash commands and interactions are forms without such an id; each has a trigger of its own.
        # The type of the content is not signed, so that is no way to tell them.
        return self.message_key if incoming.body.startswith(b"{") else "body"

    def greeting(self, incoming: Incoming) -> Answer | None:
        """Answer ``url_verification``, which Slack sends when the URL is entered."""
        if b"url_verification" not in incoming.body:
            return None
        try:
            body = json.loads(incoming.body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(body, dict) or body.get("type") != "url_verification":
            return None
        return repeated(body.get("challenge"))
