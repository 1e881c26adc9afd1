"""The base of every view of the tenant API."""

from typing import Any
from urllib.parse import unquote_to_bytes

from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from core.api import idempotency
from core.api.exceptions import InvalidParameter
from core.api.throttling import rate_headers
from core.auth import Credential, caller
from core.models import Tenant
from core.types import Actor


class TenantView(APIView):
    """A view that serves exactly one tenant: the one of the credential.

    ``read_scope`` guards GET and HEAD, ``write_scope`` the rest; ``action_scopes`` overrides both
    for single actions. Set ``idempotent`` to False where the work must not share the transaction
    of the stored answer (whatever talks to the network).
    """

    read_scope: str | None
    write_scope: str | None
    action_scopes: dict[str, str] = {}
    idempotent = True

    @property
    def credential(self) -> Credential:
        """Who makes the request. Only for handlers: they run for callers that are known."""
        credential: Any = self.request.user
        known: Credential = credential
        return known

    @property
    def tenant(self) -> Tenant:
        """The tenant that the request is for."""
        return self.credential.tenant

    @property
    def actor(self) -> Actor:
        """The caller, for services."""
        return self.credential.actor()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _refuse_unreadable_query(request)
        if self.idempotent:
            method = str(request.method).lower()
            # REST framework looks the handler up on the instance right after this hook.
            setattr(self, method, idempotency.wrap(getattr(self, method), request))

    def check_permissions(self, request: Request) -> None:
        """Count the request before it can be refused, then see whether it may be made at all."""
        super().check_throttles(request)
        method = str(request.method).lower()
        served = method in self.http_method_names and hasattr(self, method)
        if caller(request) is not None and not served:
            self.http_method_not_allowed(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Do nothing: the request was counted with its permissions."""

    def options(  # type: ignore[override]  # REST framework hands over its own request
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Answer which methods there are (RFC 9110, 9.3.7): the field ``Allow`` says it."""
        return Response(status=status.HTTP_204_NO_CONTENT)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        state = getattr(request._request, "rate_state", None)  # noqa: SLF001  # set by the throttle
        if state is not None:
            for name, value in rate_headers(state).items():
                answer.headers[name] = value
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _refuse_unreadable_query(request: Request) -> None:
    """Refuse a query that is not UTF-8: with replacements it would ask for something else."""
    # As WSGI has it (PEP 3333): one character for each byte.
    query: str = request.META.get("QUERY_STRING", "")
    try:
        unquote_to_bytes(query.encode("latin-1", "replace")).decode()
    except UnicodeDecodeError:
        raise InvalidParameter("The query is not valid UTF-8.") from None


class TenantViewSet(TenantView, GenericViewSet[Any]):
    """A viewset of the tenant API."""
