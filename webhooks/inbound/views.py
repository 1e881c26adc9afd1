"""The URL at which webhooks arrive, ``/in/<tenant>/<path>``."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from core.api.envelope import error_response
from core.errors import DecryptionError
from core.middleware import ip_address
from webhooks.inbound import reception
from webhooks.inbound.arrival import Arrival
from webhooks.inbound.reception import TooLargeError, TooManyError
from webhooks.inbound.schemes.scheme import Answer, Incoming, RefusalError

RETRY_AFTER_SECONDS = 60

logger = logging.getLogger(__name__)


@csrf_exempt
def receive(request: HttpRequest, tenant: str, path: str) -> HttpResponse:
    """Take in a webhook: whoever is answered 2xx knows that it is kept.

    When the database is away, the answer is 503, as everywhere (``config.errors``).
    """
    try:
        return _answered(reception.receive(_arrival(request, tenant, path), timezone.now()))
    except TooManyError as error:
        response = error_response(
            429, "RATE_LIMITED", "This endpoint takes no more requests for now; try again later."
        )
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    except TooLargeError as error:
        message = f"This endpoint takes at most {error.max_bytes} bytes."
        return error_response(413, "PAYLOAD_TOO_LARGE", message)
    except RefusalError:
        return _refused()
    except DecryptionError:
        # The operator can put the missing key back, so the sender had better try again.
        logger.exception("inbound.secret_unreadable", extra={"tenant": tenant, "path": path})
        response = error_response(503, "UNAVAILABLE", "Nothing was kept; try again later.")
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


def _arrival(request: HttpRequest, tenant: str, path: str) -> Arrival:
    return Arrival(
        tenant=tenant,
        path=path.removesuffix("/"),
        query=request.META.get("QUERY_STRING", ""),
        incoming=Incoming(
            method=request.method or "",
            # As the sender knows it: what a proxy has made of it is nobody's business but ours.
            url=settings.PUBLIC_URL + request.get_full_path(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        ),
        ip_address=ip_address(request),
    )


def _answered(answer: Answer) -> HttpResponse:
    body = answer.body.encode()
    response = HttpResponse(body, status=answer.status_code, content_type=answer.content_type)
    # What a sender has asked us to repeat must be nothing but text (Graph, "validationToken").
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _refused() -> HttpResponse:
    response = error_response(
        401,
        "REFUSED",
        "The request was not accepted. Check the URL, the secret and the signature;"
        " staff find the reason in the admin, under Refusals.",
    )
    response.headers["WWW-Authenticate"] = "Signature"
    return response
