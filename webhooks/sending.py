"""One request on the wire. No ORM: this runs in threads that hold no database connection."""

from datetime import UTC, datetime

from core import http
from webhooks.redaction import MASK, Redactor, sensitive
from webhooks.retry import parse_retry_after
from webhooks.types import Headers, OutboundRequest, Outcome

MAX_BODY_CHARACTERS = 4_096
MAX_HEADERS = 50
MAX_HEADER_CHARACTERS = 500
MAX_ERROR_CHARACTERS = 500
NUL = "\x00"


def send(request: OutboundRequest) -> Outcome:
    """Send ``request`` and return what came of it; what can go wrong is part of the outcome."""
    redactor = Redactor(request.secrets)
    started_at = datetime.now(UTC)
    try:
        response = http.request(
            request.method,
            request.url,
            headers=dict((*request.headers, *request.signatures)),
            body=request.body,
            timeout=request.timeout,
        )
    except http.HttpError as error:
        return Outcome(
            started_at=started_at,
            duration=datetime.now(UTC) - started_at,
            error_code=error.code,
            error=redactor.text(str(error))[:MAX_ERROR_CHARACTERS],
            final=not error.retryable,
        )
    retry_after = response.header("Retry-After")
    return Outcome(
        started_at=started_at,
        duration=response.duration,
        status_code=response.status_code,
        retry_after=parse_retry_after(retry_after, datetime.now(UTC)) if retry_after else None,
        response_headers=_kept_headers(response.headers, redactor),
        response_body=_kept_text(response.body, redactor),
    )


def _kept_text(body: bytes, redactor: Redactor) -> str:
    """Return the beginning of an answer, redacted before it is cut: half a secret is one too."""
    text = body.decode("utf-8", "replace").replace(NUL, "")
    return redactor.text(text)[:MAX_BODY_CHARACTERS]


def _kept_headers(headers: Headers, redactor: Redactor) -> Headers:
    return tuple(
        (
            name[:MAX_HEADER_CHARACTERS],
            # Cookies and the like are the receiver's secrets.
            MASK
            if sensitive(name)
            else redactor.text(value.replace(NUL, ""))[:MAX_HEADER_CHARACTERS],
        )
        for name, value in headers[:MAX_HEADERS]
    )
