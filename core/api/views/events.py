"""Events: reading the log, publishing one's own."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django_filters import CharFilter
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from core import services
from core.api.exceptions import Unprocessable, as_details
from core.api.filters import EventTypeListFilter, MomentFilter
from core.api.serializers.events import EventSerializer, NewEventSerializer
from core.api.views.tenant import TenantViewSet
from core.errors import InvalidEventError, InvalidEventTypeError, ReservedEventTypeError
from core.models import Event

PUBLISH_EXAMPLE = OpenApiExample(
    "A parcel has left",
    request_only=True,
    value={
        "type": "parcel.dispatched",
        "entity_id": "P-4711",
        "data": {"order": "A-1001", "carrier": "Northwind Freight", "weight_kg": 2.4},
    },
)


class EventFilter(FilterSet):  # type: ignore[misc]  # django-filter is not typed
    """How the log of events can be narrowed down."""

    type = EventTypeListFilter(
        lookup_expr="in", help_text="One or more types, separated by commas."
    )
    entity_id = CharFilter()
    correlation_id = CharFilter()
    occurred_since = MomentFilter(
        "occurred_at", lookup_expr="gte", help_text="At or after this moment (ISO 8601)."
    )
    occurred_until = MomentFilter(
        "occurred_at", lookup_expr="lt", help_text="Before this moment (ISO 8601)."
    )

    class Meta:
        model = Event
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="List events, newest first"),
    retrieve=extend_schema(summary="Get an event"),
)
@extend_schema(tags=["Events"])
class EventViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """What happened."""

    queryset = Event.objects.none()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    read_scope = "events:read"
    write_scope = "events:write"

    def get_queryset(self) -> QuerySet[Event]:
        events: QuerySet[Event] = Event.objects.for_tenant(self.tenant)
        return events

    @extend_schema(
        operation_id="publish_event",
        summary="Publish an event",
        description="For events of your own; those of records are published by Patchbay itself.",
        request=NewEventSerializer,
        responses={201: EventSerializer},
        examples=[PUBLISH_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        given = NewEventSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        event = self._publish(given.validated_data)
        location = reverse("event-detail", args=[event.id])
        body = EventSerializer(event).data
        return Response(body, status.HTTP_201_CREATED, headers={"Location": location})

    def _publish(self, given: dict[str, Any]) -> Event:
        try:
            return services.publish_custom(
                self.tenant,
                given["type"],
                given["data"],
                entity_id=given["entity_id"],
                actor=self.actor,
            )
        except InvalidEventTypeError as error:
            raise Unprocessable(
                str(error), details=[{"path": "type", "code": "invalid", "message": str(error)}]
            ) from error
        except ReservedEventTypeError as error:
            raise Unprocessable(
                str(error), details=[{"path": "type", "code": "reserved", "message": str(error)}]
            ) from error
        except InvalidEventError as error:
            details = as_details(error.violations, within="data") or [
                {"path": "data", "code": "too_large", "message": str(error)}
            ]
            raise Unprocessable(str(error), details=details) from error
