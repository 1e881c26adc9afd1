"""Mailchimp. Source: its Marketing API, "Sync audience data with webhooks"."""

from collections.abc import Sequence

from webhooks.inbound.contents import FORM_TYPE
from webhooks.inbound.schemes.scheme import Answer, Incoming, Options, Sample
from webhooks.inbound.schemes.timed_hmac import TimedHmac


class Mailchimp(TimedHmac):
    """A webhook of an audience."""

    name = "mailchimp"
    label = "Mailchimp"
    hint = "The secret that Mailchimp shows once, when the webhook is created."
    event_type = "body:type"
    # An audience's webhooks have no id; the same change, fired in the same second, is the same text.
    message_key = "body"
    header = "X-Mailchimp-Signature"
    sample = Sample(
        body=b"type=subscribe&fired_at=2026-01-02+03%3A04%3A05&data%5Bemail%5D=mia%40example.com",
        headers={"content-type": FORM_TYPE},
    )

    def handshake(
        self, incoming: Incoming, secrets: Sequence[str], options: Options
    ) -> Answer | None:
        """Answer the GET with which Mailchimp sees, before it has a secret, whether the URL is there."""
        return Answer() if incoming.method == "GET" and not incoming.body else None
