"""Configuration values: they go in and never come out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminPasswordWidget

from core import services
from core.admin.actors import actor_of
from core.admin.forms import StaffForm
from core.admin.staff import StaffAdmin, become
from core.models import ConfigValue


class ConfigValueForm(StaffForm):
    """A value is typed anew or left as it is."""

    value = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance._state.adding:  # noqa: SLF001  # Django's API
            self.fields["value"].required = True
            self.fields["value"].help_text = "Encrypted on saving; nobody can read it here again."
        else:
            self.initial.pop("value", None)
            self.fields["value"].help_text = "Type a new value to replace it; empty keeps it."

    def clean_value(self) -> str:
        typed: str = self.cleaned_data["value"]
        self.typed = typed
        return typed or self.instance.value


@admin.register(ConfigValue)
class ConfigValueAdmin(StaffAdmin):
    """What templates read as ``config.<name>``."""

    form = ConfigValueForm
    audit_name = "config_value"
    list_display = ["name", "tenant", "description", "updated_at"]
    list_select_related = ["tenant"]
    search_fields = ["name", "description"]
    fields = ["tenant", "name", "value", "description"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "name"] if obj is not None else fixed

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave the value out of the page of somebody who may only look."""
        fields = list(super().get_fields(request, obj))
        if obj is not None and not self.has_change_permission(request, obj):
            fields.remove("value")
        return fields

    def save_model(self, request: HttpRequest, obj: ConfigValue, form: Any, change: bool) -> None:
        if change and not form.typed:
            obj.save(update_fields=["description", "updated_at"])
            self.note(request, obj, "updated", {"fields": sorted(form.changed_data)})
            return
        saved = services.set_config_value(
            obj.tenant,
            obj.name,
            form.typed,
            actor=actor_of(request),
            description=obj.description,
        )
        become(obj, saved)

    def delete_model(self, request: HttpRequest, obj: ConfigValue) -> None:
        services.delete_config_value(obj, actor=actor_of(request))
