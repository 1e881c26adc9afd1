"""Event types that tenants publish, and the events themselves."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core import services
from core.admin.actors import actor_of
from core.admin.decorators import display
from core.admin.filters import OccurredFilter
from core.admin.forms import JsonField, ServiceForm
from core.admin.staff import LogAdmin, ServiceAdmin
from core.display import age, list_url, pretty_json
from core.errors import (
    DuplicateEventTypeError,
    InvalidEventError,
    InvalidEventTypeError,
    ReservedEventTypeError,
)
from core.models import Event, EventType
from core.validation import InvalidSchemaError

# Apps above add here what they know about an event: a function from the event to (text, address).
event_links: list[Callable[[Event], tuple[str, str]]] = []


class EventTypeForm(ServiceForm):
    """An event type of a tenant's own."""

    schema = JsonField(
        required=False, help_text="JSON Schema of the data; empty to accept any object."
    )
    example = JsonField(
        required=False, help_text="Shown in the catalog and used by previews and test sends."
    )

    def apply(self) -> EventType:
        row, given = self.instance, self.cleaned_data
        values = {name: given[name] for name in ("description", "schema", "example")}
        try:
            if row._state.adding:  # noqa: SLF001  # Django's API
                return services.create_event_type(
                    row.tenant, name=given["name"], actor=self.actor, **values
                )
            return services.update_event_type(row, actor=self.actor, **values)
        except (InvalidEventTypeError, ReservedEventTypeError, DuplicateEventTypeError) as error:
            raise ValidationError({"name": str(error)}) from error
        except InvalidSchemaError as error:
            raise ValidationError({"schema": str(error)}) from error
        except InvalidEventError as error:
            found = [f"{each.path or 'the example'}: {each.message}" for each in error.violations]
            raise ValidationError({"example": found or str(error)}) from error


@admin.register(EventType)
class EventTypeAdmin(ServiceAdmin):
    """What each event type means and how its data looks."""

    form = EventTypeForm
    list_display = ["name", "tenant", "description", "has_schema", "created_at"]
    list_select_related = ["tenant"]
    search_fields = ["name", "description"]
    fields = ["tenant", "name", "description", "schema", "example"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "name"] if obj is not None else fixed

    @display(description="schema", boolean=True)
    def has_schema(self, row: EventType) -> bool:
        return bool(row.schema)

    def delete_model(self, request: HttpRequest, obj: EventType) -> None:
        services.delete_event_type(obj, actor=actor_of(request))


@admin.register(Event)
class EventAdmin(LogAdmin):
    """Everything that happened."""

    list_display = ["id", "type", "entity_id", "tenant", "position", "happened"]
    list_select_related = ["tenant"]
    list_filter = [OccurredFilter]
    linked_by = ("type", "entity_id", "correlation_id")
    search_fields = ["type__startswith", "entity_id__exact", "correlation_id__exact"]
    search_help_text = "Id, start of the type, entity id or correlation id"
    fieldsets = [
        (None, {"fields": ["id", "type", "tenant", "occurred_at", "entity_id", "links"]}),
        ("Data", {"fields": ["pretty_data"]}),
        ("Origin", {"fields": ["position", "correlation_id", "pretty_actor"]}),
    ]
    readonly_fields = ["links", "pretty_data", "pretty_actor"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the data of the whole list in the database."""
        rows = super().get_queryset(request)
        is_list = request.resolver_match and not request.resolver_match.kwargs
        return rows.defer("data", "actor") if is_list else rows

    @display(description="happened", ordering="id")
    def happened(self, row: Event) -> Any:
        return age(row.occurred_at, timezone.now())

    @display(description="as JSON")
    def pretty_data(self, row: Event) -> Any:
        return pretty_json(row.data)

    @display(description="caused by")
    def pretty_actor(self, row: Event) -> str:
        actor = row.actor
        return f"{actor.get('label', '')} ({actor.get('kind', 'unknown')} {actor.get('id', '')})"

    @display(description="what followed")
    def links(self, row: Event) -> SafeString:
        found = [link(row) for link in event_links]
        return format_html_join(
            " · ", '<a class="text-link" href="{1}">{0}</a>', [*found, *self._siblings(row)]
        )

    def _siblings(self, row: Event) -> list[tuple[str, str]]:
        links = [("Same cause", list_url(Event, correlation_id__exact=row.correlation_id))]
        if row.entity_id:
            links.insert(0, ("Same entity", list_url(Event, entity_id__exact=row.entity_id)))
        return links
