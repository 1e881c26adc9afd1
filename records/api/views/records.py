"""``/records``."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import Serializer

from core.api.parsers import StrictJSONParser
from core.api.views import TenantViewSet
from records import services
from records.api import examples, foresight, parameters
from records.api.conditional import etag, expected_version, is_known
from records.api.data_filters import PREFIX, filter_by_data
from records.api.filters import AnyRecordFilter, RecordFilter
from records.api.parsers import MergePatchParser
from records.api.refusals import Unknown, refusal, refusals
from records.api.serializers import (
    BulkInputSerializer,
    BulkResultSerializer,
    RecordInputSerializer,
    RecordPatchSerializer,
    RecordSerializer,
)
from records.conformity import Verdicts
from records.errors import UnknownRecordTypeError
from records.models import Record, RecordType
from records.types import BulkOutcome

ORDER = (
    "Ordered by the moment of the last change, oldest first. To follow changes without missing"
    " any, read `/changes`: a slow writer can commit behind a page of this list."
)


class _Records(TenantViewSet):
    """Lists of records: in order of their last change, filtered by fields of their data."""

    read_scope = "records:read"
    write_scope = "records:write"
    serializer_class = RecordSerializer
    queryset = Record.objects.none()  # for the API's description
    ordering = ("updated_at", "id")
    query_parameters = (PREFIX,)


@extend_schema_view(
    list=extend_schema(
        operation_id="list_all_records",
        summary="List records of several types",
        description=ORDER,
        parameters=[parameters.DATA_FILTER],
    )
)
class AnyRecordViewSet(_Records):
    """Records of every type."""

    filterset_class = AnyRecordFilter

    def get_queryset(self) -> QuerySet[Record]:
        """Return the tenant's records."""
        return Record.objects.for_tenant(self.tenant).select_related("type")

    def list(self, request: Request) -> Response:
        """Answer one page."""
        records = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(filter_by_data(records, request.query_params))
        return self.get_paginated_response(RecordSerializer(page, many=True).data)


@extend_schema_view(
    list=extend_schema(
        summary="List records of one type",
        description=ORDER,
        parameters=[parameters.TYPE, parameters.DATA_FILTER],
    ),
    create=extend_schema(
        summary="Create a record",
        request=RecordInputSerializer,
        responses={201: RecordSerializer, 409: parameters.DUPLICATE_KEY},
        parameters=[parameters.TYPE, parameters.ETAG, parameters.LOCATION],
        examples=[examples.NEW_RECORD, examples.RECORD],
    ),
    retrieve=extend_schema(
        summary="Read a record",
        responses={200: RecordSerializer, 304: None},
        parameters=[parameters.TYPE, parameters.ID, parameters.IF_NONE_MATCH, parameters.ETAG],
        examples=[examples.RECORD],
    ),
    update=extend_schema(
        summary="Replace the data of a record",
        request=RecordInputSerializer,
        responses={
            200: RecordSerializer,
            409: parameters.DUPLICATE_KEY,
            412: parameters.VERSION_CONFLICT,
        },
        parameters=[parameters.TYPE, parameters.ID, parameters.IF_MATCH, parameters.ETAG],
        examples=[examples.NEW_RECORD, examples.RECORD],
    ),
    partial_update=extend_schema(
        summary="Change a part of a record's data",
        description="The body is a JSON Merge Patch (RFC 7396): null removes a field.",
        request={
            "application/json": RecordPatchSerializer,
            "application/merge-patch+json": RecordPatchSerializer,
        },
        responses={
            200: RecordSerializer,
            409: parameters.DUPLICATE_KEY,
            412: parameters.VERSION_CONFLICT,
        },
        parameters=[parameters.TYPE, parameters.ID, parameters.IF_MATCH, parameters.ETAG],
        examples=[examples.PATCH, examples.RECORD],
    ),
    destroy=extend_schema(
        summary="Delete a record",
        responses={204: None, 412: parameters.VERSION_CONFLICT},
        parameters=[parameters.TYPE, parameters.ID, parameters.IF_MATCH],
    ),
)
class RecordViewSet(_Records):
    """Records of one type."""

    filterset_class = RecordFilter
    verdicts: Verdicts | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # Right behind this, an idempotency key opens a transaction.
        self.verdicts = self._foreseen()

    def get_queryset(self) -> QuerySet[Record]:
        """Return the tenant's records of the type in the URL."""
        records = Record.objects.for_tenant(self.tenant).select_related("type")
        return records.filter(type__slug=self.kwargs["type"])

    def get_parsers(self) -> list[Any]:
        """Accept a merge patch by its own name, where one is meant."""
        is_patch = getattr(self.request, "method", "") == "PATCH"
        return [StrictJSONParser(), *([MergePatchParser()] if is_patch else [])]

    def list(self, request: Request, type: str) -> Response:  # noqa: A002  # the URL names it so
        """Answer one page."""
        record_type = self._type()
        records = self.filter_queryset(Record.objects.of_type(record_type).select_related("type"))
        page = self.paginate_queryset(
            filter_by_data(records, request.query_params, record_type.schema)
        )
        return self.get_paginated_response(RecordSerializer(page, many=True).data)

    def create(self, request: Request, type: str) -> Response:  # noqa: A002
        """Create a record."""
        given = self._read(RecordInputSerializer(data=request.data))
        with refusals():
            record = services.create_record(
                self.tenant, type, given["data"], actor=self.actor, verdicts=self.verdicts
            )
        location = reverse("record-detail", kwargs={"type": type, "id": record.id})
        return _answer(record, status.HTTP_201_CREATED, {"Location": location})

    @extend_schema(
        operation_id="create_records",
        summary="Create many records",
        request=BulkInputSerializer,
        responses={200: BulkResultSerializer, 422: parameters.BULK_REFUSED},
        parameters=[parameters.TYPE],
        examples=[examples.BULK, examples.BULK_RESULT],
    )
    def bulk(self, request: Request, type: str) -> Response:  # noqa: A002
        """Create many records."""
        given = self._read(BulkInputSerializer(data=request.data))
        with refusals():
            outcome = services.create_records(
                self.tenant,
                type,
                [item["data"] for item in given["records"]],
                actor=self.actor,
                atomic=given["atomic"],
                verdicts=self.verdicts,
            )
        return Response({"data": _items(outcome)})

    def retrieve(self, request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Answer one record, unless the caller has it already."""
        record = self._record()
        if is_known(request, record.version):
            return Response(
                status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag(record.version)}
            )
        return _answer(record)

    def update(self, request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Replace a record's data."""
        return self._change(services.replace_record, RecordInputSerializer(data=request.data))

    def partial_update(self, request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Change a part of a record's data."""
        return self._change(services.merge_record, RecordPatchSerializer(data=request.data))

    def destroy(self, request: Request, type: str, id: str) -> Response:  # noqa: A002
        """Delete a record."""
        with refusals():
            services.delete_record(
                self.tenant, type, id, actor=self.actor, expected_version=self._expected_version()
            )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, service: Any, serializer: Any) -> Response:
        given = self._read(serializer)
        with refusals():
            record = service(
                self.tenant,
                self.kwargs["type"],
                self.kwargs["id"],
                given["data"],
                actor=self.actor,
                expected_version=self._expected_version(),
                verdicts=self.verdicts,
            )
        return _answer(record)

    def _foreseen(self) -> Verdicts | None:
        """Return the verdicts on what the request wants to write; None when there is nothing."""
        serializers = {
            "create": RecordInputSerializer,
            "bulk": BulkInputSerializer,
            "update": RecordInputSerializer,
            "partial_update": RecordPatchSerializer,
        }
        if self.action not in serializers:
            return None
        serializer = serializers[self.action](data=self.request.data)
        if not serializer.is_valid():
            return None
        given = serializer.validated_data
        if self.action == "partial_update":
            record = self.get_queryset().filter(id=self.kwargs["id"]).first()
            return None if record is None else foresight.of_patch(record, given["data"])
        items = given["records"] if self.action == "bulk" else [given]
        slug = self.kwargs["type"]
        return foresight.of_new(self.tenant, slug, [item["data"] for item in items])

    def _read(self, serializer: Serializer[Any]) -> Any:
        """Return what the body says; of what does not exist, nothing else is wrong."""
        if not serializer.is_valid():
            _ = self._record() if "id" in self.kwargs else self._type()
            raise ValidationError(serializer.errors)
        return serializer.validated_data

    def _type(self) -> RecordType:
        slug = self.kwargs["type"]
        record_type = RecordType.objects.for_tenant(self.tenant).filter(slug=slug).first()
        if record_type is None:
            raise refusal(UnknownRecordTypeError(slug))
        return record_type

    def _record(self) -> Record:
        record = self.get_queryset().filter(id=self.kwargs["id"]).first()
        if record is None:
            raise Unknown("There is no such record.")
        return record

    def _expected_version(self) -> int | None:
        return expected_version(self.request, lambda: self._record().version)


def _answer(
    record: Record, status_code: int = status.HTTP_200_OK, headers: dict[str, str] | None = None
) -> Response:
    headers = {**(headers or {}), "ETag": etag(record.version)}
    return Response(RecordSerializer(record).data, status=status_code, headers=headers)


def _items(outcome: BulkOutcome) -> list[dict[str, Any]]:
    """Return what became of each record, in the order of the request."""
    created = [
        {
            "index": success.index,
            "status": "created",
            "record": RecordSerializer(success.record).data,
        }
        for success in outcome.successes
    ]
    refused = [(failure.index, refusal(failure.error)) for failure in outcome.failures]
    failed = [
        {
            "index": index,
            "status": "failed",
            "error": {"error": error.error, "message": error.message, "details": error.details},
        }
        for index, error in refused
    ]
    return sorted([*created, *failed], key=lambda item: item["index"])
