"""The catalogue of event types."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core import event_types, services
from core.api.exceptions import Conflict, Unprocessable, as_details
from core.api.filters import PAGING, refuse_unknown
from core.api.pagination import CursorPagination
from core.api.schema import error_answer
from core.api.serializers.events import (
    EventTypeDefinitionSerializer,
    EventTypeSerializer,
    NewEventTypeSerializer,
)
from core.api.views.tenant import TenantViewSet
from core.errors import (
    DuplicateEventTypeError,
    InvalidEventError,
    InvalidEventTypeError,
    ReservedEventTypeError,
)
from core.event_names import MAX_CHARACTERS
from core.models import EventType
from core.validation import InvalidSchemaError

NAME = {"type": "string", "maxLength": MAX_CHARACTERS, "description": "Its name: `order.created`."}
DEFINITION = {
    "description": "A parcel was handed to the carrier.",
    "schema": {
        "type": "object",
        "required": ["order"],
        "properties": {"order": {"type": "string"}, "weight_kg": {"type": "number"}},
    },
    "example": {"order": "A-1001", "weight_kg": 2.4},
}
DEFINITION_EXAMPLE = OpenApiExample("A parcel has left", request_only=True, value=DEFINITION)
NEW_EXAMPLE = OpenApiExample(
    "A parcel has left", request_only=True, value={"name": "parcel.dispatched", **DEFINITION}
)

NOT_YOUR_OWN = error_answer("`CONFLICT`: Patchbay itself publishes events of this type.")


@contextmanager
def refusals_answered() -> Iterator[None]:
    """Translate what services refuse into what the API answers."""
    try:
        yield
    except InvalidEventTypeError as error:
        raise _unprocessable(str(error), "name", "invalid") from error
    except ReservedEventTypeError as error:
        raise _unprocessable(str(error), "name", "reserved") from error
    except DuplicateEventTypeError as error:
        raise Conflict(str(error)) from error
    except InvalidSchemaError as error:
        path = ".".join(filter(None, ("schema", error.path)))
        raise _unprocessable(error.message, path, "invalid_schema") from error
    except InvalidEventError as error:
        details = as_details(error.violations, within="example")
        raise Unprocessable(str(error), details=details) from error


def _unprocessable(message: str, path: str, code: str) -> Unprocessable:
    return Unprocessable(message, details=[{"path": path, "code": code, "message": message}])


@extend_schema(tags=["Events"])
class EventTypeViewSet(TenantViewSet):
    """What can happen."""

    queryset = EventType.objects.none()
    serializer_class = EventTypeSerializer
    filter_backends = ()
    lookup_field = "name"
    lookup_value_regex = "[^/]+"
    read_scope = "events:read"
    write_scope = "events:write"
    path_parameters = {"name": NAME}

    @extend_schema(
        summary="List event types",
        description="Your own, those of your record types, and those of Patchbay; by name.",
        responses={200: EventTypeSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, PAGING)
        infos = event_types.catalogue(self.tenant)
        page = CursorPagination()
        shown = page.paginate_by_name({info.name: info for info in infos}, request)
        return page.get_paginated_response(EventTypeSerializer(shown, many=True).data)

    @extend_schema(summary="Get an event type", responses={200: EventTypeSerializer})
    def retrieve(self, request: Request, name: str) -> Response:
        info = event_types.find(self.tenant, name)
        if info is None:
            raise NotFound
        return Response(EventTypeSerializer(info).data)

    @extend_schema(
        summary="Define an event type",
        request=NewEventTypeSerializer,
        responses={
            201: EventTypeSerializer,
            409: error_answer("`CONFLICT`: the event type is defined already."),
        },
        examples=[NEW_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        given = NewEventTypeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with refusals_answered():
            row = services.create_event_type(self.tenant, actor=self.actor, **given.validated_data)
        location = reverse("event-type-detail", args=[row.name])
        return Response(self._body(row), status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        summary="Replace an event type",
        request=EventTypeDefinitionSerializer,
        responses={200: EventTypeSerializer, 409: NOT_YOUR_OWN},
        examples=[DEFINITION_EXAMPLE],
    )
    def update(self, request: Request, name: str) -> Response:
        return self._update(request, self._own(name), partial=False)

    @extend_schema(
        summary="Change an event type",
        request=EventTypeDefinitionSerializer,
        responses={200: EventTypeSerializer, 409: NOT_YOUR_OWN},
        examples=[DEFINITION_EXAMPLE],
    )
    def partial_update(self, request: Request, name: str) -> Response:
        return self._update(request, self._own(name), partial=True)

    @extend_schema(
        summary="Delete an event type",
        description="Events of the type stay; the type can still be published.",
        responses={204: None, 409: NOT_YOUR_OWN},
    )
    def destroy(self, request: Request, name: str) -> Response:
        services.delete_event_type(self._own(name), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, request: Request, row: EventType, *, partial: bool) -> Response:
        given = EventTypeDefinitionSerializer(data=request.data, partial=partial)
        given.is_valid(raise_exception=True)
        now = {"description": row.description, "schema": row.schema, "example": row.example}
        with refusals_answered():
            services.update_event_type(row, actor=self.actor, **(now | given.validated_data))
        return Response(self._body(row))

    def _own(self, name: str) -> EventType:
        """Return the tenant's own definition; what the product publishes cannot be changed."""
        row: EventType | None = EventType.objects.for_tenant(self.tenant).named(name).first()
        if row is not None:
            return row
        if event_types.find(self.tenant, name) is None:
            raise NotFound
        raise Conflict(f"{name} is published by Patchbay itself and cannot be changed here.")

    def _body(self, row: EventType) -> Any:
        return EventTypeSerializer(event_types.info_of(row)).data
