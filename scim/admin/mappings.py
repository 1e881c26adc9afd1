"""Attribute mappings in the admin: versions, a new one tried before it is saved, an old one again."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from core.admin.actors import actor_of, is_operator, staff_of
from core.admin.decorators import action, display
from core.admin.staff import ServiceAdmin
from core.display import age
from core.models import Tenant
from core.types import Json
from scim import services
from scim.admin.mapping_forms import MappingForm, RulesWidget, tenant_of
from scim.errors import InvalidMappingError, NothingToTryError
from scim.folding import fold
from scim.mappings.built_in import FIELDS
from scim.mappings.types import Trial
from scim.models import Mapping, ProvisioningEntry, Resource

USERS_TRIED = 5
BUILT_IN = "built-in"


@admin.register(Mapping)
class MappingAdmin(ServiceAdmin):
    """Versions of attribute mappings. None is ever altered: a change is a new version."""

    form = MappingForm
    list_display = ["version", "tenant", "standing", "makes", "note", "author", "made"]
    list_display_links = ["version"]
    list_select_related = ["tenant"]
    search_fields = ["note", "author"]
    search_help_text = "Note or author"
    ordering = ["-id"]
    change_form_after_template = "scim/mapping_boxes.html"
    readonly_fields = ["standing", "rule_table"]
    actions_row = ["change_from", "restore"]
    actions_detail = ["change_from", "restore"]
    actions: ClassVar[Any] = None
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["tenant", "version", "standing", "note", "author", "created_at"]}),
        ("Rules", {"fields": ["rule_table"]}),
    ]
    add_fieldsets: ClassVar[Any] = [
        (None, {"fields": ["tenant", "note"]}),
        ("Which field is made of what", {"fields": ["rules"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        newest = Mapping.objects.filter(tenant=OuterRef("tenant")).order_by("-version")
        rows: QuerySet[Any] = super().get_queryset(request)
        highest = Subquery(newest.values("version")[:1])
        annotated: QuerySet[Any] = rows.annotate(highest=highest)
        return annotated

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        chosen = self.add_fieldsets
        if is_operator(request):
            return list(chosen)
        return [
            (title, {"fields": [n for n in o["fields"] if n != "tenant"]}) for title, o in chosen
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_renew_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may put a version into force."""
        return self.has_add_permission(request)

    # --- columns -------------------------------------------------------------------------------
    @display(description="state", label={"in force": "success", "earlier": "info"})
    def standing(self, row: Mapping) -> str:
        highest: int = row.highest  # type: ignore[attr-defined]  # annotated
        return "in force" if row.version == highest else "earlier"

    @display(description="fields")
    def makes(self, row: Mapping) -> str:
        return str(len(row.fields))

    @display(description="saved", ordering="id")
    def made(self, row: Mapping) -> Any:
        return age(row.created_at, timezone.now())

    @display(description="rules")
    def rule_table(self, row: Mapping) -> SafeString:
        html = render_to_string("scim/rule_table.html", {"rules": row.fields})
        return mark_safe(html)  # noqa: S308  # the template has escaped what is in it

    # --- a new version -------------------------------------------------------------------------
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the mapping in force, or with what the address names."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        tenant = staff_of(request).tenant or tenant_of(given.get("tenant"))
        rules: Sequence[Any] = list(FIELDS)
        begun_from = request.GET.get("from", "")
        if begun_from and begun_from != BUILT_IN:
            row = self.row_or_404(request, begun_from)
            tenant, rules = row.tenant, row.fields
        elif tenant is not None and begun_from != BUILT_IN:
            newest = Mapping.objects.for_tenant(tenant).first()
            rules = newest.fields if newest else rules
        return {"tenant": tenant.pk if tenant else None, "rules": rules}

    def response_add(self, request: HttpRequest, obj: Mapping, *args: Any) -> HttpResponse:
        return self.back_to(request, obj, f"Version {obj.version} is in force.")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to put a version into force only where another one is."""
        offered = list(super().get_actions_detail(request, object_id))
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or row.version != row.highest:
            return offered
        return [each for each in offered if not each.action_name.endswith("_restore")]

    @action(
        description="New version from this one",
        url_path="new-version",
        permissions=["renew"],
        icon="edit",
    )
    def change_from(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the form of a new version with the rules of this one."""
        row = self.row_or_404(request, object_id)
        return HttpResponseRedirect(f"{reverse('admin:scim_mapping_add')}?from={row.pk}")

    @action(
        description="Put into force again", url_path="restore", permissions=["renew"], icon="undo"
    )
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put an earlier version into force, as a new one."""
        row = self.row_or_404(request, object_id)
        if row.version == row.highest:
            return self.back_to(request, row, "This version is in force.", messages.WARNING)
        if request.method != "POST":
            return self.ask(
                request,
                row,
                title=f"Put version {row.version} into force again?",
                text="Its rules become a new version. What was published stays as it was; the next"
                " change of a user is told with these fields.",
                button="Put into force",
            )
        try:
            saved = services.restore_mapping(row.tenant, row.version, actor=actor_of(request))
        except InvalidMappingError as error:
            return self.back_to(request, row, str(error), messages.ERROR)
        return self.back_to(request, saved, f"Version {saved.version} is in force.")

    # --- trying --------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        own = [path("preview/", view, name="scim_mapping_preview")]
        urls: list[URLPattern] = super().get_urls()
        return own + urls

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show what some users give under the mapping in force and under the form as it stands."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        tenant = staff_of(request).tenant or tenant_of(request.POST.get("tenant"))
        context: dict[str, Any] = {}
        if tenant is None:
            context["error"] = "Choose the tenant first."
        else:
            fields: Json = RulesWidget().value_from_datadict(request.POST, None, "rules")
            wanted = request.POST.get("tried_on", "").replace("\x00", "").strip()
            try:
                context["trials"] = _trials(tenant, fields, wanted)
            except InvalidMappingError as error:
                context["faults"] = error.faults
            except NothingToTryError as error:
                context["error"] = str(error)
        return render(request, "scim/mapping_trials.html", context)


def _trials(tenant: Tenant, fields: Json, wanted: str) -> list[Trial]:
    """Try a draft on a logged request, or on users: the one with an id, or those of a name."""
    entry = _by_id(ProvisioningEntry.objects.for_tenant(tenant), wanted)
    if entry is not None:
        return [services.dry_run(entry, fields)]
    users = Resource.objects.for_tenant(tenant).filter(kind=Resource.Kind.USER).present()
    found = _by_id(users, wanted)
    if found is not None:
        return services.preview(tenant, fields, [found])
    named = users.filter(key__contains=fold(wanted)) if wanted else users
    trials = services.preview(tenant, fields, named.order_by("-id")[:USERS_TRIED])
    if not trials:
        raise NothingToTryError("No user, and no entry of the log, is called so.")
    return trials


def _by_id(rows: QuerySet[Any], wanted: str) -> Any:
    try:
        return rows.filter(pk=wanted).first() if wanted else None
    except (ValidationError, ValueError):
        return None
