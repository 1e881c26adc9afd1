"""Microsoft Graph: every notice repeats the ``clientState`` that was given with the subscription.

Source: learn.microsoft.com, "Receive change notifications through webhooks".
"""

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core import strict_json
from core.types import Json
from webhooks.inbound.schemes.handshakes import echo
from webhooks.inbound.schemes.scheme import (
    Answer,
    Incoming,
    Options,
    Proof,
    RefusalError,
    Sample,
    Scheme,
    SecretError,
)
from webhooks.redaction import MASK

# They are read before they are believed.
MAX_NOTICE_BYTES = 1_048_576
STATE = re.compile(r"[A-Za-z0-9._~-]{8,128}")


class MicrosoftGraph(Scheme):
    """Change notifications of Microsoft Graph: SharePoint, OneDrive, Outlook, Teams."""

    name = "microsoft_graph"
    label = "Microsoft Graph"
    hint = "The clientState of the subscription: any text that only the two of you know."
    secret_is_ours = True
    # Two notices of the same change are the same to the byte, and each stands for a change of its own.
    message_key = "none"
    event_type = "body:value[0].changeType"
    sample = Sample(
        body=b'{"value": [{"changeType": "updated", "resource": "drives/b!sample/root",'
        b' "subscriptionId": "00000000-0000-4000-8000-000000000000"}]}'
    )

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        # What JSON may spell in several ways could not be found again to blot it out.
        if not STATE.fullmatch(secret):
            raise SecretError("A clientState has 8 to 128 letters, digits and any of - . _ ~")

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        states = [_bytes(state) for state in _states(incoming.body)]
        found = 0
        for number, secret in enumerate(secrets, start=1):
            fits = [hmac.compare_digest(state, _bytes(secret)) for state in states]
            if all(fits) and not found:
                found = number
        if not found:
            raise RefusalError("wrong_signature", "A clientState matches none of the secrets")
        return Proof(secret=found)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        body = json.loads(incoming.body)
        for notice in body["value"]:
            notice["clientState"] = secret
        return replace(incoming, body=json.dumps(body).encode())

    def handshake(
        self, incoming: Incoming, secrets: Sequence[str], options: Options
    ) -> Answer | None:
        """Answer ``?validationToken=…``, which Graph asks when a subscription is made."""
        return echo(incoming, "POST", "validationToken")

    def without_secrets(self, body: Json) -> Json:
        notices = body.get("value") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(notices, list):
            return body
        return {**body, "value": [_without_state(notice) for notice in notices]}


def _without_state(notice: Json) -> Json:
    if not isinstance(notice, dict) or "clientState" not in notice:
        return notice
    return {**notice, "clientState": MASK}


def _states(body: bytes) -> list[str]:
    if len(body) > MAX_NOTICE_BYTES:
        raise RefusalError("malformed", f"Notices of Graph's have at most {MAX_NOTICE_BYTES} bytes")
    try:
        content: Any = strict_json.loads(body)
        states = [notice["clientState"] for notice in content["value"]]
    except (strict_json.StrictJsonError, TypeError, KeyError):
        raise RefusalError("malformed", "Not every notice has a clientState") from None
    if not states or not all(isinstance(state, str) for state in states):
        raise RefusalError("malformed", "Not every notice has a clientState")
    return states


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
