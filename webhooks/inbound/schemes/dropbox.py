"""Dropbox: the HMAC-SHA256 of the body, in hexadecimal. Source: dropbox.com/developers, "Webhooks"."""

from collections.abc import Sequence

from webhooks.inbound.schemes.handshakes import echo
from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import Answer, Incoming, Options, Sample


class Dropbox(PlainHmac):
    """Notifications of an app for Dropbox: which accounts have changed, and nothing more."""

    name = "dropbox"
    label = "Dropbox"
    hint = "The App secret, in Dropbox's App Console."
    # Two notices about the same accounts are two: each stands for changes of its own.
    message_key = "none"
    header = "X-Dropbox-Signature"
    sample = Sample(
        body=b'{"list_folder": {"accounts": ["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]}}'
    )

    def handshake(
        self, incoming: Incoming, secrets: Sequence[str], options: Options
    ) -> Answer | None:
        """Answer ``?challenge=…``, which Dropbox asks when the URL is entered."""
        return echo(incoming, "GET", "challenge")
