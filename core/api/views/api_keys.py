"""API keys: who may call, managed by those who may."""

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import services
from core.api.exceptions import ApiError, Conflict
from core.api.schema import error_answer
from core.api.serializers.credentials import (
    ApiKeySerializer,
    IssuedApiKeySerializer,
    NewApiKeySerializer,
    RotationSerializer,
)
from core.api.views.tenant import TenantViewSet
from core.errors import CredentialStateError, ScopeNotAllowedError
from core.models import ApiKey

NEW_EXAMPLE = OpenApiExample(
    "A key that reads",
    request_only=True,
    value={"name": "Reporting", "scopes": ["records:read", "events:read"]},
)

NO_SCOPE = error_answer(
    "`INSUFFICIENT_SCOPE`: the credential lacks the scope. `SCOPE_NOT_HELD`: it lacks a scope that"
    " the new key is to have."
)


class ScopeNotHeld(ApiError):  # noqa: N818  # named like its siblings in REST framework
    """Nobody hands out more than they have."""

    status_code = status.HTTP_403_FORBIDDEN
    error = "SCOPE_NOT_HELD"


@extend_schema_view(
    list=extend_schema(summary="List API keys, newest first"),
    retrieve=extend_schema(summary="Get an API key"),
)
@extend_schema(tags=["Access"])
class ApiKeyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """The tenant's API keys, without their secrets."""

    queryset = ApiKey.objects.none()
    serializer_class = ApiKeySerializer
    read_scope = "api-keys:read"
    write_scope = "api-keys:write"

    def get_queryset(self) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = ApiKey.objects.for_tenant(self.tenant)
        return keys

    @extend_schema(
        summary="Create an API key",
        description="The answer holds the secret; it is not shown again.",
        request=NewApiKeySerializer,
        responses={201: IssuedApiKeySerializer, 403: NO_SCOPE},
        examples=[NEW_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        given = NewApiKeySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            new = services.create_api_key(
                self.tenant,
                actor=self.actor,
                within=self.credential.scopes,
                # A limit that staff set cannot be shaken off through a second key.
                rate_limit=self.credential.rate_limit,
                **given.validated_data,
            )
        except ScopeNotAllowedError as error:
            raise ScopeNotHeld(str(error)) from error
        return self._issued(new)

    @extend_schema(
        operation_id="rotate_api_key",
        summary="Rotate an API key",
        description=(
            "Creates a key with the same name and scopes and answers its secret. The old key goes"
            " on working for the overlap, so that both can be exchanged without an interruption."
        ),
        request=RotationSerializer,
        responses={
            201: IssuedApiKeySerializer,
            403: NO_SCOPE,
            409: error_answer("`CONFLICT`: the key is revoked, expired or rotated already."),
        },
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        key = self.get_object()
        given = RotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            new = services.rotate_api_key(
                key,
                actor=self.actor,
                overlap=timedelta(hours=given.validated_data["overlap_hours"]),
                within=self.credential.scopes,
            )
        except CredentialStateError as error:
            raise Conflict(str(error)) from error
        except ScopeNotAllowedError as error:
            raise ScopeNotHeld(str(error)) from error
        return self._issued(new)

    @extend_schema(
        operation_id="revoke_api_key",
        summary="Revoke an API key",
        description="It stops working at once. It stays in the list, for the record.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        services.revoke_api_key(self.get_object(), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _issued(self, new: services.NewKey) -> Response:
        body = {**ApiKeySerializer(new.key).data, "secret": new.secret}
        location = reverse("api-key-detail", args=[new.key.id])
        return Response(body, status.HTTP_201_CREATED, headers={"Location": location})
