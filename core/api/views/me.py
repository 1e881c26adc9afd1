"""The caller, as the API sees it."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.filters import refuse_unknown
from core.api.serializers.credentials import CallerSerializer
from core.api.views.tenant import TenantView


class CallerView(TenantView):
    """The credential that the request was made with."""

    read_scope = None
    write_scope = None

    @extend_schema(
        operation_id="get_caller",
        tags=["Access"],
        summary="Show what the credential is",
        description="Any credential may ask this, whatever its scopes.",
        responses={200: CallerSerializer},
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request, ())
        caller = self.credential
        limit = caller.rate_limit
        body = {
            "kind": caller.kind,
            "id": caller.id,
            "label": caller.label,
            "tenant": caller.tenant,
            "scopes": sorted(caller.scopes),
            "rate_limit": settings.API_RATE_LIMIT_PER_MINUTE if limit is None else limit,
        }
        return Response(CallerSerializer(body).data)
