"""Twilio: an HMAC of the URL and of the fields of the form, in base64.

Source: twilio.com/docs, "Webhooks security", and the validator of Twilio's own libraries. A body
that is no form is covered by its SHA-256, which stands in the URL as ``bodySHA256``.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from webhooks.inbound.contents import FORM_TYPE, MAX_FIELDS, is_form
from webhooks.inbound.schemes.encodings import decoded, encoded
from webhooks.inbound.schemes.handshakes import parameters
from webhooks.inbound.schemes.scheme import (
    Incoming,
    Options,
    Proof,
    RefusalError,
    Sample,
    Scheme,
)

HEADER = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
PORTS = {"https": 443, "http": 80}
# It is read before it is believed, and what Twilio sends is a fraction of this.
MAX_FORM_BYTES = 65_536


class Twilio(Scheme):
    """Messages, calls and status callbacks of Twilio."""

    name = "twilio"
    label = "Twilio"
    hint = "The Auth Token of the account, in Twilio's Console."
    message_key = "header:I-Twilio-Idempotency-Token"
    event_type = "body:MessageStatus"
    sample = Sample(
        body=b"MessageSid=SMsample&MessageStatus=delivered&To=%2B15558675310",
        headers={"content-type": FORM_TYPE},
    )

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        signature = decoded(incoming.header(HEADER), "base64")
        algorithm = _algorithm(incoming)
        fields = _signed_fields(incoming)
        contents = [
            (url + fields).encode("utf-8", "surrogatepass") for url in _spellings(incoming.url)
        ]
        found = 0
        for number, secret in enumerate(secrets, start=1):
            right = [hmac.digest(secret.encode(), each, algorithm) for each in contents]
            fits = [hmac.compare_digest(signature, each) for each in right]
            if any(fits) and not found:
                found = number
        if not found:
            raise RefusalError("wrong_signature", "The signature matches none of the secrets")
        return Proof(secret=found)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        if not is_form(incoming.headers) and incoming.body:
            joint = "&" if urlsplit(incoming.url).query else "?"
            digest = hashlib.sha256(incoming.body).hexdigest()
            incoming = replace(incoming, url=f"{incoming.url}{joint}bodySHA256={digest}")
        content = (incoming.url + _signed_fields(incoming)).encode()
        value = encoded(hmac.digest(secret.encode(), content, _algorithm(incoming)), "base64")
        return replace(incoming, headers={**incoming.headers, HEADER.lower(): value})


def _algorithm(incoming: Incoming) -> str:
    settings = incoming.headers.get(SETTINGS.lower(), "")
    named = {part.strip() for part in settings.split(",")}
    return "sha256" if "algorithm=HMAC_SHA256" in named else "sha1"


def _signed_fields(incoming: Incoming) -> str:
    """Return names and values of the form as they are signed: sorted, and each value once."""
    _check_digest(incoming)
    if not is_form(incoming.headers):
        return ""
    if len(incoming.body) > MAX_FORM_BYTES:
        raise RefusalError("malformed", f"A form of Twilio's has at most {MAX_FORM_BYTES} bytes")
    try:
        pairs = parse_qsl(incoming.body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise RefusalError("malformed", "The body is not a form") from None
    return "".join(name + value for name, value in sorted(set(pairs)))


def _check_digest(incoming: Incoming) -> None:
    """Compare the digest in the URL, which is signed, and which all that is no form must have."""
    given = parameters(incoming).get("bodySHA256", "").encode("utf-8", "replace")
    if not given and (is_form(incoming.headers) or not incoming.body):
        return
    if not hmac.compare_digest(given, hashlib.sha256(incoming.body).hexdigest().encode()):
        raise RefusalError("wrong_signature", "The body is not the one that bodySHA256 is about")


def _spellings(url: str) -> list[str]:
    """Return the URL with and without its port: Twilio signs either, depending on the product."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return []
    if port is not None:
        bare = f"[{host}]" if ":" in host else host
        return [url, parts._replace(netloc=bare).geturl()]
    with_port = parts._replace(netloc=f"{parts.netloc}:{PORTS.get(parts.scheme, 443)}")
    return [url, with_port.geturl()]
