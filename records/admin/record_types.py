"""Kinds of records in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html

from core.admin.actors import actor_of
from core.admin.decorators import display
from core.admin.forms import CodeWidget, JsonField, ServiceForm
from core.admin.staff import ServiceAdmin
from core.display import age, list_url
from records import services
from records.errors import (
    DuplicateRecordTypeError,
    InvalidRecordTypeError,
    RecordTypeInUseError,
)
from records.models import Record, RecordType


class RecordTypeForm(ServiceForm):
    """What a kind of record is called and what its data must look like."""

    schema = JsonField(
        required=False,
        help_text="JSON Schema of the data, with an example value or two; empty to accept any object.",
    )
    rules = JsonField(
        kind=list,
        required=False,
        widget=CodeWidget({"rows": 6}),
        help_text="Checks beyond the schema, with messages of your own: "
        '[{"field": "email", "type": "email", "message": "…"}, '
        '{"field": "age", "validator": "min:18"}]',
    )

    def apply(self) -> RecordType:
        row, given = self.instance, self.cleaned_data
        values = {
            name: given[name] for name in ("name", "description", "schema", "rules", "key_field")
        }
        try:
            if row._state.adding:  # noqa: SLF001  # Django's API
                return services.create_record_type(
                    row.tenant, given["slug"], actor=self.actor, **values
                )
            return services.update_record_type(row.tenant, row.slug, actor=self.actor, **values)
        except InvalidRecordTypeError as error:
            place = f"{error.path}: " if error.path else ""
            raise ValidationError({error.field: f"{place}{error}"}) from error
        except DuplicateRecordTypeError as error:
            raise ValidationError({"slug": str(error)}) from error


@admin.register(RecordType)
class RecordTypeAdmin(ServiceAdmin):
    """Kinds of records."""

    form = RecordTypeForm
    list_display = ["name", "slug", "tenant", "key_field", "has_schema", "changed", "its_records"]
    list_select_related = ["tenant"]
    search_fields = ["name", "slug"]
    fieldsets = [
        (None, {"fields": ["tenant", "name", "slug", "description", "key_field"]}),
        ("What its data must look like", {"fields": ["schema", "rules"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "slug"] if obj is not None else fixed

    @display(description="schema", boolean=True)
    def has_schema(self, row: RecordType) -> bool:
        return bool(row.schema)

    @display(description="changed", ordering="updated_at")
    def changed(self, row: RecordType) -> Any:
        return age(row.updated_at, timezone.now())

    @display(description="records")
    def its_records(self, row: RecordType) -> Any:
        url = list_url(Record, type__id__exact=row.pk)
        return format_html('<a class="text-link" href="{}">Show records</a>', url)

    def delete_model(self, request: HttpRequest, obj: RecordType) -> None:
        services.delete_record_type(obj.tenant, obj.slug, actor=actor_of(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Delete, or say why not."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except RecordTypeInUseError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path().replace("/delete/", "/change/"))
        return answer

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave deleting to the page of one type, where a refusal can be told."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
