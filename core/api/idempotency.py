"""``Idempotency-Key``: a repeated write gets the first answer and runs nothing twice.

The answer is stored in the transaction of the write. So there is no moment at which a write has
happened without its answer being known, and of two simultaneous requests the second one waits for
the first to commit. What was refused changed nothing and is not remembered.
(draft-ietf-httpapi-idempotency-key-header)

Answers can hold a secret that is shown once (a new API key), so they are kept encrypted, and the
fingerprint is keyed: what a small body said cannot be found by trying.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import strict_json
from core.api.exceptions import ApiError, Unprocessable
from core.models import IdempotencyKey

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)
KEY = re.compile(r"^[\x21-\x7e]{1,255}\Z")
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REPLAYED_HEADERS = ("Location", "ETag")

Handler = Callable[..., Response]


def wrap(handler: Handler, request: Request) -> Handler:
    """Return ``handler``, guarded by the request's idempotency key if it has one."""
    key = request.headers.get(HEADER)
    if key is None or request.method not in METHODS:
        return handler
    if not KEY.match(key):
        raise ApiError(f"{HEADER} must be 1 to 255 visible ASCII characters.")

    def guarded(request: Request, *args: Any, **kwargs: Any) -> Response:
        # Reads the body: nobody may wait for a slow sender inside a transaction.
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            stored, created = _reserve(request, key, fingerprint)
            if not created:
                return _replay(stored, fingerprint)
            response = handler(request, *args, **kwargs)
            if response.status_code >= 300:
                transaction.set_rollback(True)
            else:
                _remember(stored, response)
            return response

    return guarded


def _fingerprint(request: Request) -> str:
    body = strict_json.dumps(request.data)
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return salted_hmac(HEADER, head + body, algorithm="sha256").hexdigest()


def _reserve(request: Request, key: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """Insert the key, or return the row of the request that was first (waiting for its commit)."""
    now = timezone.now()
    user: Any = request.user
    owner = {"tenant": user.tenant, "credential": user.id, "key": key}
    IdempotencyKey.objects.filter(**owner, expires_at__lte=now).delete()
    IdempotencyKey.objects.bulk_create(
        [row := IdempotencyKey(**owner, fingerprint=fingerprint, expires_at=now + LIFETIME)],
        ignore_conflicts=True,
    )
    stored = IdempotencyKey.objects.get(**owner)
    return stored, stored.id == row.id


def _replay(stored: IdempotencyKey, fingerprint: str) -> Response:
    if stored.fingerprint != fingerprint:
        raise Unprocessable(
            f"This {HEADER} was used for another request; use a new one.",
            error="IDEMPOTENCY_KEY_REUSED",
        )
    body = json.loads(stored.body) if stored.body else None
    headers = {**stored.headers, "Idempotency-Replayed": "true"}
    return Response(body, status=stored.status_code, headers=headers)


def _remember(stored: IdempotencyKey, response: Response) -> None:
    stored.status_code = response.status_code
    stored.headers = {
        name: response.headers[name] for name in REPLAYED_HEADERS if name in response.headers
    }
    stored.body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    stored.save(update_fields=["status_code", "headers", "body"])
