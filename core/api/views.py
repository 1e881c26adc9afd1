"""The base of every view of the tenant API."""

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from core.api import idempotency
from core.api.throttling import rate_headers
from core.models import Tenant
from core.types import Actor


class TenantMixin:
    """A view that serves exactly one tenant: the one of the credential.

    ``read_scope`` guards GET and HEAD, ``write_scope`` the rest; ``action_scopes`` overrides both
    for single actions. Set ``idempotent`` to False where the work must not share the transaction
    of the stored answer (whatever talks to the network).
    """

    read_scope: str
    write_scope: str
    action_scopes: dict[str, str] = {}
    idempotent = True
    request: Request

    @property
    def tenant(self) -> Tenant:
        """The tenant that the request is for."""
        tenant: Tenant = self.request.user.tenant  # type: ignore[union-attr]  # a Credential
        return tenant

    @property
    def actor(self) -> Actor:
        """The caller, for services."""
        actor: Actor = self.request.user.actor()  # type: ignore[union-attr]
        return actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if self.idempotent and handler is not None:
            # REST framework looks the handler up on the instance right after this hook.
            setattr(self, method, idempotency.wrap(handler, request))

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer: HttpResponseBase = super().finalize_response(  # type: ignore[misc]
            request, response, *args, **kwargs
        )
        state = getattr(request._request, "rate_state", None)  # noqa: SLF001  # set by the throttle
        if state is not None:
            for name, value in rate_headers(state).items():
                answer.headers[name] = value
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class TenantView(TenantMixin, APIView):
    """A view of the tenant API."""


class TenantViewSet(TenantMixin, GenericViewSet[Any]):
    """A viewset of the tenant API."""
