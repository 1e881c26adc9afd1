"""What people are shown of messages and refusals: some senders write their secret where none belongs.

What an endpoint has believed before, somebody else may still believe, so secrets that have expired
are blotted out, too; and one that was refused may have been made the endpoint's since.
"""

from webhooks.inbound.arrival import redacted_headers
from webhooks.models import EndpointSecret, Message, Refusal
from webhooks.redaction import Redactor


def shown_body(message: Message) -> bytes | None:
    """Return the body without the secrets of its endpoint; None once it has been erased."""
    if message.body is None:
        return None
    text = bytes(message.body).decode("utf-8", "surrogateescape")
    shown = _redactor(message).text(text)
    return shown.encode("utf-8", "surrogateescape")


def shown_headers(row: Message | Refusal) -> list[tuple[str, str]]:
    """Return names and values of the headers without the secrets of their endpoint."""
    return [(name, value) for name, value in redacted_headers(row.headers, _redactor(row))]


def shown_sample(refusal: Refusal) -> str:
    """Return the beginning of the refused body without the secrets of its endpoint."""
    return _redactor(refusal).text(refusal.body)


def _redactor(row: Message | Refusal) -> Redactor:
    secrets = EndpointSecret.objects.filter(endpoint_id=row.endpoint_id)
    return Redactor(secrets.values_list("secret", flat=True))
