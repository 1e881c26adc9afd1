"""The door of the directories: who knocks, whether they may, and what they are answered."""

import logging
import math
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from scim2_models import Error, SCIMException
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse

from core.database_faults import is_away
from core.guessing import wait_after_guess
from scim import journal, tolerating
from scim.errors import (
    DirectoryClosedError,
    RateLimitedError,
    UnavailableError,
    WrongTokenError,
)
from scim.handling import DirectoryHandler
from scim.journal import Origin
from scim.json_text import JsonText, text_of
from scim.opening import OpenDirectory, Opening, opening
from scim.profiles import PROFILES
from scim.protocol import DirectoryService
from scim.rendering.rendering import Renderer
from scim.repeating import repeated
from scim.schemas.service import service
from scim.storage.storage import DirectoryStorage

BEARER = "bearer"
CHALLENGE = 'Bearer realm="SCIM"'
ROOT = "/scim/v2"
RETRY_AFTER_SECONDS = 5

logger = logging.getLogger(__name__)


@csrf_exempt
def serve(request: HttpRequest, slug: str, rest: str = "") -> HttpResponse:
    """Answer a request of an identity provider; every error is one of SCIM."""
    try:
        return _http(_served(request, slug, rest))
    except SCIMException as error:
        return _refused(error)
    except DatabaseError as error:
        if not is_away(error):
            raise
        logger.warning("scim.database_away", extra={"tenant": slug})
        return _refused(UnavailableError())


def _served(request: HttpRequest, slug: str, rest: str) -> ScimResponse:
    opened = _opened(request, slug)
    credential, directory = opened.credential, opened.directory
    if not opened.rate.allowed:
        raise RateLimitedError(retry_after=math.ceil(opened.rate.retry_after.total_seconds()))
    if directory is None:
        raise DirectoryClosedError
    base_url = f"{settings.PUBLIC_URL}{ROOT}/{slug}"
    asked = ScimRequest(
        method=request.method or "",
        base_url=base_url,
        path=f"/{rest}",
        query={name: str(value) for name, value in request.GET.items()},
        headers=dict(request.headers),
        body=request.body,
        subject=credential,
    )
    origin = Origin(actor=credential.actor(), method=asked.method, path=asked.path)
    try:
        return _handled(directory, asked, origin)
    except SCIMException as error:
        journal.refused(credential.tenant, origin, error.to_error())
        raise


def _handled(directory: OpenDirectory, asked: ScimRequest, origin: Origin) -> ScimResponse:
    profile = PROFILES[directory.profile]
    offered = service(directory.extension, creates_entries=profile.creates_missing_entries)
    read = tolerating.read(asked, profile, offered)
    origin.firings = read.firings
    storage = DirectoryStorage(
        asked.subject.tenant,
        offered,
        origin.actor,
        directory=directory,
        origin=origin,
    )
    protocol = DirectoryService(offered.provider, secret=settings.SECRET_KEY)
    handler = DirectoryHandler(protocol, storage, Renderer(asked.base_url, offered))
    return repeated(lambda: handler.handle(read.request))


def _opened(request: HttpRequest, slug: str) -> Opening:
    """Return who knocks, and where. An unknown token and one of another tenant get the same answer."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    now = timezone.now()
    given = secret.strip() if scheme.lower() == BEARER else ""
    limit = settings.SCIM_RATE_LIMIT_PER_MINUTE
    opened = opening(given, now, slug=slug, per_minute=limit)
    if opened is not None:
        request.credential = opened.credential  # type: ignore[attr-defined]  # for the log
        return opened
    wait = wait_after_guess(request.META.get("REMOTE_ADDR", ""), now)
    if wait is not None:
        raise RateLimitedError(retry_after=math.ceil(wait.total_seconds()))
    raise WrongTokenError


def _http(answer: ScimResponse) -> HttpResponse:
    content = b"" if answer.body is None else _text(answer.body).encode()
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    return HttpResponse(
        content, status=answer.status.value, headers=headers, content_type=SCIM_MEDIA_TYPE
    )


def _refused(error: SCIMException) -> HttpResponse:
    body: Error = error.to_error()
    response = HttpResponse(
        text_of(body.model_dump()), status=error.status, content_type=SCIM_MEDIA_TYPE
    )
    if allowed := getattr(error, "allowed", None):
        response.headers["Allow"] = ", ".join(allowed)
    if isinstance(error, WrongTokenError):
        response.headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, UnavailableError):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, RateLimitedError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _text(body: Any) -> JsonText:
    return body if isinstance(body, JsonText) else text_of(body)
