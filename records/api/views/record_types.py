"""``/record-types``."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api.views import TenantViewSet
from records import services
from records.api import examples, parameters
from records.api.refusals import refusal, refusals
from records.api.serializers import (
    NewRecordTypeSerializer,
    RecordTypeInputSerializer,
    RecordTypeSerializer,
)
from records.errors import UnknownRecordTypeError
from records.models import RecordType


@extend_schema_view(
    list=extend_schema(summary="List record types"),
    create=extend_schema(
        summary="Define a record type",
        request=NewRecordTypeSerializer,
        responses={201: RecordTypeSerializer, 409: parameters.DUPLICATE_RECORD_TYPE},
        parameters=[parameters.LOCATION],
        examples=[examples.NEW_TYPE],
    ),
    retrieve=extend_schema(summary="Read a record type", parameters=[parameters.SLUG]),
    update=extend_schema(
        summary="Replace what is said of a record type",
        description="A new schema or new rules hold for what is written from now on.",
        request=RecordTypeInputSerializer,
        responses=RecordTypeSerializer,
        parameters=[parameters.SLUG],
    ),
    partial_update=extend_schema(
        summary="Change some of what is said of a record type",
        request=RecordTypeInputSerializer(partial=True),
        responses=RecordTypeSerializer,
        parameters=[parameters.SLUG],
        examples=[examples.CHANGED_TYPE],
    ),
    destroy=extend_schema(
        summary="Delete a record type",
        description="Only a type without records can be deleted.",
        responses={204: None, 409: parameters.RECORD_TYPE_IN_USE},
        parameters=[parameters.SLUG],
    ),
)
class RecordTypeViewSet(TenantViewSet):
    """Kinds of records: what their data must look like."""

    read_scope = "records:read"
    write_scope = "record-types:write"
    serializer_class = RecordTypeSerializer
    queryset = RecordType.objects.none()  # for the API's description
    ordering = ("slug",)

    def get_queryset(self) -> QuerySet[RecordType]:
        """Return the tenant's record types."""
        return RecordType.objects.for_tenant(self.tenant)

    def list(self, request: Request) -> Response:
        """Answer one page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(RecordTypeSerializer(page, many=True).data)

    def create(self, request: Request) -> Response:
        """Define a type."""
        serializer = NewRecordTypeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with refusals():
            record_type = services.create_record_type(
                self.tenant, actor=self.actor, **serializer.validated_data
            )
        location = reverse("record-type-detail", kwargs={"slug": record_type.slug})
        return Response(
            RecordTypeSerializer(record_type).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": location},
        )

    def retrieve(self, request: Request, slug: str) -> Response:
        """Answer one type."""
        return Response(RecordTypeSerializer(self._type(slug)).data)

    def update(self, request: Request, slug: str) -> Response:
        """Replace a type's definition."""
        return self._update(slug, RecordTypeInputSerializer(data=request.data))

    def partial_update(self, request: Request, slug: str) -> Response:
        """Change a part of a type's definition."""
        return self._update(slug, RecordTypeInputSerializer(data=request.data, partial=True))

    def destroy(self, request: Request, slug: str) -> Response:
        """Delete a type."""
        with refusals():
            services.delete_record_type(self.tenant, slug, actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, slug: str, serializer: RecordTypeInputSerializer) -> Response:
        if not serializer.is_valid():
            self._type(slug)  # of what does not exist, nothing else is wrong
            raise ValidationError(serializer.errors)
        given = serializer.validated_data
        with refusals():
            record_type = services.update_record_type(self.tenant, slug, actor=self.actor, **given)
        return Response(RecordTypeSerializer(record_type).data)

    def _type(self, slug: str) -> RecordType:
        record_type = self.get_queryset().filter(slug=slug).first()
        if record_type is None:
            raise refusal(UnknownRecordTypeError(slug))
        return record_type
