"""An HMAC as senders that are not listed make it: header, algorithm, encoding and content are told. Pure."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from webhooks.inbound import selectors
from webhooks.inbound.schemes.encodings import decoded, encoded, match, unix_seconds
from webhooks.inbound.schemes.scheme import (
    DEFAULT_TOLERANCE,
    Incoming,
    Option,
    OptionError,
    Options,
    Proof,
    RefusalError,
    Scheme,
    timely,
)

BODY, TIMESTAMP = "{body}", "{timestamp}"
MAX_TEMPLATE_CHARACTERS = 300
_HOLE = re.compile(r"\{([^{}]*)\}")


class Hmac(Scheme):
    """Any sender that signs with an HMAC in one header."""

    name = "hmac"
    label = "HMAC signature"
    hint = "The text that the sender and Patchbay both sign with."
    secret_is_ours = True
    tolerance = DEFAULT_TOLERANCE
    message_key = "body"
    event_type = "body:type"
    options = (
        Option(
            name="header",
            label="Signature header",
            default="X-Signature-256",
            help_text="The header in which the signature comes.",
        ),
        Option(
            name="prefix",
            label="Prefix",
            default="sha256=",
            help_text="What stands before the signature; none if there is nothing.",
        ),
        Option(
            name="algorithm",
            label="Algorithm",
            default="sha256",
            choices=("sha256", "sha512", "sha1"),
        ),
        Option(
            name="encoding",
            label="Encoding",
            default="hex",
            choices=("hex", "base64", "base64url"),
        ),
        Option(
            name="signed",
            label="What is signed",
            default=BODY,
            help_text="With {body}, {timestamp} and {header:Name}, such as {timestamp}.{body}",
        ),
        Option(
            name="timestamp_header",
            label="Timestamp header",
            default="X-Timestamp",
            help_text="Where {timestamp} comes from, in Unix seconds.",
        ),
    )

    def check_options(self, options: Options) -> None:
        super().check_options(options)
        for name in ("header", "timestamp_header"):
            if not selectors.is_header_name(options[name]):
                raise OptionError(name, "A header name has letters, digits and hyphens")
        if not (options["prefix"].isascii() and options["prefix"].isprintable()):
            raise OptionError("prefix", "A prefix has printable ASCII characters")
        template = options["signed"]
        holes = _HOLE.findall(template)
        if len(template) > MAX_TEMPLATE_CHARACTERS or "body" not in holes:
            raise OptionError("signed", "This holds {body}: what is not signed may be anything")
        for hole in holes:
            kind, _, name = hole.partition(":")
            known = hole in {"body", "timestamp"}
            if not known and not (kind == "header" and selectors.is_header_name(name)):
                raise OptionError("signed", f"{{{hole[:40]}}} is not known here")

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        prefix = _prefix(options)
        written = incoming.header(options["header"])
        if not written.startswith(prefix):
            raise RefusalError("malformed", f"{options['header']} does not begin with {prefix}")
        signature = decoded(written.removeprefix(prefix), options["encoding"])
        sent_at = None
        if TIMESTAMP in options["signed"]:
            sent_at = unix_seconds(incoming.header(options["timestamp_header"]))
        content = _content(incoming, options)
        digest = getattr(hashlib, options["algorithm"])
        proof = match(
            secrets,
            [signature],
            lambda secret: hmac.digest(secret.encode(), content, digest),
            sent_at=sent_at,
        )
        return timely(proof, now, tolerance)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        headers = dict(incoming.headers)
        if TIMESTAMP in options["signed"]:
            headers[options["timestamp_header"].lower()] = str(int(now.timestamp()))
        content = _content(replace(incoming, headers=headers), options)
        digest = hmac.digest(secret.encode(), content, getattr(hashlib, options["algorithm"]))
        headers[options["header"].lower()] = _prefix(options) + encoded(digest, options["encoding"])
        return replace(incoming, headers=headers)


def _prefix(options: Options) -> str:
    # An empty option stands for its default, so that none has a word of its own.
    return "" if options["prefix"] == "none" else options["prefix"]


def _content(incoming: Incoming, options: Options) -> bytes:
    """Return the bytes that are signed: the template, its holes filled one by one."""
    pieces: list[bytes] = []
    for index, piece in enumerate(_HOLE.split(options["signed"])):
        if index % 2 == 0:
            pieces.append(piece.encode())
        elif piece == "body":
            pieces.append(incoming.body)
        else:
            name = options["timestamp_header"] if piece == "timestamp" else piece.partition(":")[2]
            pieces.append(incoming.header(name).encode("latin-1", "replace"))
    return b"".join(pieces)
