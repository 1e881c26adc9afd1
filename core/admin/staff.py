"""The base of every page of the admin: who sees and touches which rows.

Operators (staff without a tenant) see every tenant's rows. Staff of a tenant see and touch the rows
of that tenant only, whatever they type into the address bar: lists, pages, histories, actions,
suggestions and choices all start from ``get_queryset``.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import ForeignKey, Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from core import audit
from core.admin.actors import actor_of, is_operator, staff_of
from core.admin.filters import TenantFilter
from core.admin.forms import StaffForm
from core.ids import PrefixedIdField
from core.models import Tenant


class StaffAdmin(ModelAdmin):  # type: ignore[misc]  # unfold is not typed
    """Pages of one model.

    ``tenant_lookup`` leads from a row to its tenant; None makes the pages an operator's alone.
    ``audit_name`` is the kind in audit entries, for pages that save without a service.
    ``id_fields`` are searched when what is typed is an id. ``linked_by`` are lookups that links
    from other pages use to narrow the list.
    """

    form = StaffForm
    tenant_lookup: ClassVar[str | None] = "tenant"
    audit_name: ClassVar[str] = ""
    id_fields: ClassVar[Sequence[str]] = ("id",)
    linked_by: ClassVar[Sequence[str]] = ()
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count whole tables
    list_per_page = 50
    list_filter_submit = True
    warn_unsaved_form = True

    # --- who sees what -----------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if is_operator(request):
            return rows
        if self.tenant_lookup is None:
            return rows.none()
        return rows.filter(**{self.tenant_lookup: staff_of(request).tenant_id})

    def _is_within_reach(self, request: HttpRequest, row: Any) -> bool:
        if is_operator(request):
            return True
        if self.tenant_lookup is None:
            return False
        # unfold asks with an id instead of a row; the row is then looked up through get_queryset
        if not isinstance(row, models.Model):
            return True
        own: str | None = staff_of(request).tenant_id
        return self.tenant_id_of(row) == own

    def tenant_id_of(self, row: Any) -> str | None:
        """Return the id of the tenant that ``row`` belongs to."""
        *path, last = (self.tenant_lookup or "tenant").split("__")
        for name in path:
            row = getattr(row, name)
        found: str | None = getattr(row, last if last == "pk" else f"{last}_id", None)
        return found

    def tenant_of(self, row: Any) -> Tenant | None:
        """Return the tenant that ``row`` belongs to, for the audit trail."""
        tenant_id = self.tenant_id_of(row)
        return Tenant.objects.filter(pk=tenant_id).first() if tenant_id else None

    def has_module_permission(self, request: HttpRequest) -> bool:
        allowed: bool = super().has_module_permission(request)
        return allowed and self._is_within_reach(request, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_view_permission(request, obj)
        return allowed and self._is_within_reach(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        allowed: bool = super().has_add_permission(request)
        return allowed and self._is_within_reach(request, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and self._is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and self._is_within_reach(request, obj)

    def row_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row an action was called for, if the person may see it."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    # --- lists ---------------------------------------------------------------------------------
    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        chosen = list(super().get_list_filter(request))
        return [*chosen, TenantFilter] if self._chooses_tenant(request) else chosen

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_list_display(request))
        if self._chooses_tenant(request):
            return columns
        return [column for column in columns if column != "tenant"]

    def _chooses_tenant(self, request: HttpRequest) -> bool:
        return self.tenant_lookup == "tenant" and is_operator(request)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Let lists be narrowed by their own filters only: a column may hold a secret's digest."""
        known = {"tenant", *self.linked_by}
        for entry in self.get_list_filter(request):
            chosen = entry[0] if isinstance(entry, tuple | list) else entry
            known.add(chosen if isinstance(chosen, str) else chosen.parameter_name)
        fields = {name.split("__")[0] for name in known}
        return lookup.split("__", maxsplit=1)[0] in fields and bool(
            super().lookup_allowed(lookup, value, request)
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        wanted = Q()
        for name in self.id_fields:
            field = self._target_of(name)
            try:
                wanted |= Q(**{name: field.to_python(search_term.strip())})
            except ValidationError:
                continue
        if wanted:
            return queryset.filter(wanted), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def _target_of(self, name: str) -> PrefixedIdField:
        field = self.model._meta.get_field(name)  # noqa: SLF001  # Django's API
        target = field.target_field if isinstance(field, ForeignKey) else field
        if not isinstance(target, PrefixedIdField):
            raise TypeError(f"{name} holds no prefixed id")
        return target

    # --- forms ---------------------------------------------------------------------------------
    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[ModelForm[Any]]:
        form = super().get_form(request, obj, change=change, **options)
        known = {"user": staff_of(request), "actor": actor_of(request)}
        return type(form.__name__, (form,), known)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Leave out the tenant where there is nothing to choose."""
        if self.tenant_lookup != "tenant" or is_operator(request):
            return list(super().get_fieldsets(request, obj))
        return [
            (title, {**options, "fields": [n for n in options["fields"] if n != "tenant"]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix the tenant of a row that exists: it never moves to another."""
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None and self.tenant_lookup == "tenant" and "tenant" not in fixed:
            fixed.append("tenant")
        return fixed

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer only rows within reach; tell operators whose each one is."""
        related = db_field.related_model
        lookup = "pk" if related is Tenant else "tenant"
        owned = related is Tenant or any(f.name == "tenant" for f in related._meta.get_fields())  # noqa: SLF001  # Django's API
        if not owned:
            return super().formfield_for_foreignkey(db_field, request, **options)
        rows = related._default_manager.all()  # noqa: SLF001  # Django's API
        tenant_id = staff_of(request).tenant_id
        if tenant_id is not None:
            rows = rows.filter(**{lookup: tenant_id})
        options["queryset"] = rows if related is Tenant else rows.select_related("tenant")
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if field is not None and related is not Tenant and tenant_id is None:
            field.label_from_instance = lambda row: f"{row} · {row.tenant}"
        return field

    # --- changes -------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        done = "updated" if change else "created"
        self.note(request, obj, done, {"fields": sorted(form.changed_data)})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.note(request, obj, "deleted", {})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def note(self, request: HttpRequest, row: Any, done: str, details: dict[str, Any]) -> None:
        """Write the change into the audit trail."""
        audit.record(
            f"{self.audit_name or self.opts.model_name}.{done}",
            tenant=self.tenant_of(row),
            actor=actor_of(request),
            target=row,
            details=details,
        )

    # --- actions -------------------------------------------------------------------------------
    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                ProhibitNullCharactersValidator()(self.opts.pk.to_python(key))
        except ValidationError as error:  # what was chosen has no id of this kind
            raise Http404 from error
        answer: HttpResponse | None = super().response_action(request, queryset)
        return answer

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return bool(to_field == self.opts.pk.name)

    def ask(
        self, request: HttpRequest, row: Any, *, title: str, text: str, button: str
    ) -> HttpResponse:
        """Answer the page that asks before something is done: only a POST changes anything."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": title,
            "text": text,
            "button": button,
            "back_url": self.url_of(row),
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def url_of(self, row: Any) -> str:
        """Return the address of a row's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def back_to(
        self, request: HttpRequest, row: Any, text: str, level: int = messages.SUCCESS
    ) -> HttpResponseRedirect:
        """Say what happened and show the row."""
        self.message_user(request, text, level)
        return HttpResponseRedirect(self.url_of(row))


class ServiceAdmin(StaffAdmin):
    """Pages whose form, a ``ServiceForm``, has had its row saved by a service."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        become(obj, form.saved)


class OperatorAdmin(StaffAdmin):
    """Pages for operators only: what concerns the whole installation."""

    tenant_lookup = None


class LogAdmin(StaffAdmin):
    """What happened: it can be read and searched, and nothing else."""

    paginator = InfinitePaginator
    warn_unsaved_form = False
    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def become(row: models.Model, saved: models.Model) -> None:
    """Make the row that a form filled in the one that a service saved."""
    vars(row).update(vars(saved))
