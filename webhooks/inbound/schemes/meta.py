"""Meta (Facebook, Instagram, WhatsApp): GitHub's signature, and a question beforehand.

Source: developers.facebook.com, "Webhooks, Getting Started".
"""

import hmac
from collections.abc import Sequence

from webhooks.inbound.schemes.handshakes import echo, parameters
from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import Answer, Incoming, Option, Options, Sample


class Meta(PlainHmac):
    """Webhooks of an app of Meta."""

    name = "meta"
    label = "Meta"
    hint = "The App secret, under App settings, Basic in Meta's App Dashboard."
    # Meta names no message; one that it repeats is the same to the last byte.
    message_key = "body"
    event_type = "body:object"
    header = "X-Hub-Signature-256"
    prefix = "sha256="
    options = (
        Option(
            name="verify_token",
            label="Verify token",
            help_text="Any text, the same as is entered beside the callback URL at Meta.",
            required=True,
            secret=True,
        ),
    )
    sample = Sample(body=b'{"object": "page", "entry": [{"id": "0", "time": 1, "changes": []}]}')

    def handshake(
        self, incoming: Incoming, secrets: Sequence[str], options: Options
    ) -> Answer | None:
        """Answer ``hub.challenge`` to whoever knows the verify token."""
        asked = parameters(incoming)
        token = asked.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
        right = options["verify_token"].encode("utf-8", "surrogatepass")
        if asked.get("hub.mode") != "subscribe" or not hmac.compare_digest(token, right):
            return None
        return echo(incoming, "GET", "hub.challenge")
