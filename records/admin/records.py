"""Records in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from core.admin.actors import actor_of
from core.admin.decorators import display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.forms import CodeWidget, JsonField, ServiceForm
from core.admin.staff import ServiceAdmin
from core.display import age, list_url
from core.models import Event
from records import services
from records.errors import (
    DuplicateKeyError,
    InvalidRecordError,
    RecordError,
    VersionConflictError,
)
from records.models import Record

CHANGED_MEANWHILE = (
    "Somebody changed this record in the meantime (its version is now {current}). "
    "Open it again and repeat your change."
)


class RecordForm(ServiceForm):
    """The data of a record. The version that was opened is the version that may be replaced."""

    data = JsonField(widget=CodeWidget({"rows": 20}))  # type: ignore[assignment]  # the model's name
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:  # noqa: SLF001  # Django's API
            self.initial["seen_version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if record_type := cleaned.get("type"):
            self.instance.tenant = record_type.tenant
        return cleaned

    def apply(self) -> Record:
        row, data = self.instance, self.cleaned_data["data"]
        try:
            if row._state.adding:  # noqa: SLF001
                return services.create_record(row.tenant, row.type.slug, data, actor=self.actor)
            return services.replace_record(
                row.tenant,
                row.type.slug,
                row.pk,
                data,
                actor=self.actor,
                expected_version=self.cleaned_data["seen_version"] or 0,
            )
        except InvalidRecordError as error:
            found = [f"{each.path or 'the record'}: {each.message}" for each in error.violations]
            raise ValidationError({"data": found}) from error
        except DuplicateKeyError as error:
            raise ValidationError({"data": str(error)}) from error
        except VersionConflictError as error:
            text = CHANGED_MEANWHILE.format(current=error.current)
            raise ValidationError({"data": text}) from error
        except RecordError as error:
            raise ValidationError(str(error)) from error


class ChangedFilter(RecentFilter):
    """How long ago a record changed."""

    title = "change"
    column = "updated_at"


@admin.register(Record)
class RecordAdmin(ServiceAdmin):
    """The things tenants keep."""

    form = RecordForm
    list_display = ["name", "type", "tenant", "version", "changed"]
    list_select_related = ["tenant", "type"]
    list_filter = [("type", RelatedFilter), ChangedFilter]
    search_fields = ["key__startswith"]
    search_help_text = "Id or start of the key"
    fieldsets = [
        (None, {"fields": ["type", "data"]}),
        ("State", {"fields": ["id", "key", "version", "created_at", "updated_at", "history"]}),
    ]
    add_fieldsets = [(None, {"fields": ["type", "data"]})]
    readonly_fields = ["id", "key", "version", "created_at", "updated_at", "history"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("tenant", "type")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "type"] if obj is not None else fixed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        given = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return given
        (title, options), *rest = given
        return [(title, {**options, "fields": [*options["fields"], "seen_version"]}), *rest]

    @display(description="record", ordering="id")
    def name(self, row: Record) -> str:
        return str(row)

    @display(description="changed", ordering="updated_at")
    def changed(self, row: Record) -> Any:
        return age(row.updated_at, timezone.now())

    @display(description="history")
    def history(self, row: Record) -> Any:
        url = list_url(Event, entity_id__exact=row.pk)
        return format_html('<a class="text-link" href="{}">Events of this record</a>', url)

    def delete_model(self, request: HttpRequest, obj: Record) -> None:
        services.delete_record(obj.tenant, obj.type.slug, obj.pk, actor=actor_of(request))
