"""What an answer means for a delivery, without the secrets that it may repeat. No ORM."""

from datetime import UTC, datetime
from functools import lru_cache

from core import http
from webhooks.redaction import MASK, Redactor, sensitive
from webhooks.retry import parse_retry_after
from webhooks.types import Headers, OutboundRequest, Outcome

MAX_BODY_CHARACTERS = 65_536
MAX_HEADERS = 50
MAX_HEADER_CHARACTERS = 500
MAX_ERROR_CHARACTERS = 500
NUL = "\x00"


def send(request: OutboundRequest, *, caller: str) -> Outcome:
    """Send one request for a tenant, wait for the answer, and return what came of it."""
    started_at = datetime.now(UTC)
    try:
        answer: http.Response | http.HttpError = http.request(
            request.method,
            request.url,
            headers=headers_of(request),
            body=request.body,
            timeout=request.timeout,
            caller=caller,
        )
    except http.HttpError as error:
        answer = error
    return outcome_of(request, answer, started_at)


def headers_of(request: OutboundRequest) -> dict[str, str]:
    """Return the headers of a request with its signatures."""
    return dict((*request.headers, *request.signatures))


def outcome_of(
    request: OutboundRequest, answer: http.Response | http.HttpError, started_at: datetime
) -> Outcome:
    """Return what came of a request; what can go wrong is part of the outcome."""
    redactor = _redactor(request.secrets)
    now = datetime.now(UTC)
    if isinstance(answer, http.HttpError):
        return Outcome(
            started_at=started_at,
            duration=now - started_at,
            error_code=answer.code,
            error=redactor.text(str(answer))[:MAX_ERROR_CHARACTERS],
            final=not answer.retryable,
        )
    retry_after = answer.header("Retry-After")
    return Outcome(
        started_at=started_at,
        duration=answer.duration,
        status_code=answer.status_code,
        retry_after=parse_retry_after(retry_after, now) if retry_after else None,
        response_headers=_kept_headers(answer.headers, redactor),
        response_body=_kept_text(answer.body, redactor),
    )


@lru_cache(maxsize=256)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    """Return what blots out ``secrets``: the same ones for all requests of a subscription."""
    return Redactor(secrets)


def _kept_text(body: bytes, redactor: Redactor) -> str:
    """Return the beginning of an answer, redacted before it is cut: half a secret is one too."""
    text = body.decode("utf-8", "replace").replace(NUL, "")
    return redactor.text(text)[:MAX_BODY_CHARACTERS]


@lru_cache(maxsize=128)
def _kept_headers(headers: Headers, redactor: Redactor) -> Headers:
    """Return what is kept of the headers of an answer: a receiver's are alike for a while."""
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
