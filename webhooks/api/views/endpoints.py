"""Endpoints: the URLs at which others send us webhooks, and how these are believed."""

from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.exceptions import Unprocessable
from core.api.filters import PAGING, refuse_unknown
from core.api.pagination import CursorPagination
from core.api.views import TenantViewSet
from webhooks import services
from webhooks.api import inbound_examples as examples
from webhooks.api.errors import refused
from webhooks.api.serializers.endpoints import (
    ChangedEndpointSerializer,
    EndpointRotationSerializer,
    EndpointSerializer,
    EndpointWordsSerializer,
    NewEndpointSerializer,
    SavedEndpointSerializer,
)
from webhooks.api.serializers.schemes import SchemeSerializer
from webhooks.definitions.endpoint_words import EndpointWords, described_endpoint, name_for
from webhooks.errors import InvalidEndpointError, RotationRefusedError
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, EndpointSecret
from webhooks.types import EndpointFields

ENDPOINT_TO_CREATE = PolymorphicProxySerializer(
    component_name="EndpointToCreate",
    serializers=[NewEndpointSerializer, EndpointWordsSerializer],
    resource_type_field_name=None,
)


@extend_schema_view(
    list=extend_schema(summary="List endpoints, newest first"),
    retrieve=extend_schema(summary="Get an endpoint"),
)
@extend_schema(tags=["Webhooks"])
class EndpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """The tenant's endpoints."""

    queryset = Endpoint.objects.none()
    serializer_class = EndpointSerializer
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Endpoint]:
        live = EndpointSecret.objects.live(timezone.now()).defer("secret")
        endpoints: QuerySet[Endpoint] = (
            Endpoint.objects.for_tenant(self.tenant)
            .select_related("tenant")
            .prefetch_related(Prefetch("secrets", queryset=live, to_attr="live_secrets"))
        )
        return endpoints

    @extend_schema(
        summary="Create an endpoint",
        description=(
            "The answer holds the URL that the sender is to call and, where one was made, the secret"
            " that it is to sign with; it is not shown again. Where it is the sender who makes the"
            " secret, every request is refused until you have sent it, here or by rotating. The"
            " description that services give of a webhook is taken as it stands, too."
        ),
        request=ENDPOINT_TO_CREATE,
        responses={201: SavedEndpointSerializer},
        examples=[examples.REPOSITORY, examples.DESCRIBED, examples.CREATED],
    )
    def create(self, request: Request) -> Response:
        fields, secret = _read(request.data)
        try:
            saved = services.create_endpoint(self.tenant, fields, actor=self.actor, secret=secret)
        except InvalidEndpointError as error:
            raise refused(error) from error
        location = reverse("endpoint-detail", args=[saved.endpoint.id])
        return Response(self._saved(saved), status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        summary="Change an endpoint",
        description=(
            "Changes what is sent and leaves the rest. A list, and the options, are replaced as a"
            " whole. What has been received already stays as it is."
        ),
        request=ChangedEndpointSerializer,
        responses={200: EndpointSerializer},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        endpoint = self.get_object()
        given = ChangedEndpointSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changes: Any = dict(given.validated_data)
        secret = changes.pop("secret", "")
        try:
            services.update_endpoint(endpoint, changes, actor=self.actor, secret=secret)
        except InvalidEndpointError as error:
            raise refused(error) from error
        return Response(EndpointSerializer(self.get_object()).data)

    @extend_schema(
        summary="Delete an endpoint",
        description=(
            "It takes nothing any more, and it is gone at once, with its secrets. Its messages are"
            " erased in the background; the events that they became stay."
        ),
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        services.delete_endpoint(self.get_object(), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="enable_endpoint",
        summary="Switch an endpoint on",
        request=None,
        responses={200: EndpointSerializer},
    )
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str) -> Response:
        return self._switched(on=True)

    @extend_schema(
        operation_id="disable_endpoint",
        summary="Switch an endpoint off",
        description="It refuses every request. What it has received already becomes events.",
        request=None,
        responses={200: EndpointSerializer},
    )
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: str) -> Response:
        return self._switched(on=False)

    @extend_schema(
        operation_id="rotate_endpoint_secret",
        summary="Replace the secret",
        description=(
            "Until the overlap ends, requests that are signed with either secret are believed. Where"
            " it is the sender who makes the secret, send it along."
        ),
        request=EndpointRotationSerializer,
        responses={200: SavedEndpointSerializer},
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        endpoint = self.get_object()
        given = EndpointRotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        overlap = timedelta(hours=given.validated_data["overlap_hours"])
        secret = given.validated_data["secret"]
        try:
            saved = services.replace_endpoint_secret(
                endpoint, actor=self.actor, overlap=overlap, secret=secret
            )
        except RotationRefusedError as error:
            raise Unprocessable(str(error), error="ROTATION_REFUSED") from error
        return Response(self._saved(saved))

    def _switched(self, *, on: bool) -> Response:
        endpoint = self.get_object()
        services.switch_endpoint(endpoint, on=on, actor=self.actor)
        return Response(EndpointSerializer(self.get_object()).data)

    def _saved(self, saved: services.SavedEndpoint) -> dict[str, Any]:
        endpoint: Any = self.get_queryset().get(pk=saved.endpoint.pk)
        endpoint.secret = saved.secret or None
        return dict(SavedEndpointSerializer(endpoint).data)


@extend_schema(tags=["Webhooks"])
class SchemeViewSet(TenantViewSet):
    """How senders sign: what endpoints can be made for."""

    queryset = Endpoint.objects.none()
    serializer_class = SchemeSerializer
    filter_backends = ()
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    @extend_schema(
        summary="List the schemes of signatures",
        description="By name: how senders prove where a webhook comes from, and what is usual there.",
        responses={200: SchemeSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, PAGING)
        page = CursorPagination()
        shown = page.paginate_by_name(SCHEMES, request)
        return page.get_paginated_response(SchemeSerializer(shown, many=True).data)


def _read(data: Any) -> tuple[EndpointFields, str]:
    """Return the fields of a new endpoint and its secret, in whichever words they were sent."""
    if isinstance(data, dict) and "endpoint" in data:
        words = EndpointWordsSerializer(data=data)
        words.is_valid(raise_exception=True)
        said = dict(words.validated_data)
        secret = said.pop("secret")
        described = described_endpoint(EndpointWords(**said))
        return described.fields, secret or described.secret
    given = NewEndpointSerializer(data=data)
    given.is_valid(raise_exception=True)
    fields: Any = dict(given.validated_data)
    secret = fields.pop("secret")
    fields.setdefault("name", name_for(fields["path"]))
    return fields, secret
