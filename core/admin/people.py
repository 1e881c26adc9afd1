"""Tenants, the people who sign in, and groups of rights."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.admin.actors import is_operator, is_superuser
from core.admin.forms import StaffForm
from core.admin.staff import OperatorAdmin, StaffAdmin
from core.display import age
from core.models import Tenant, User
from core.services.people import tenant_staff_group

# What only operators may set on a person: it would let a tenant's staff raise their own rights.
OPERATORS_FIELDS = frozenset(
    {"tenant", "is_staff", "is_superuser", "groups", "user_permissions"},
)


# What only superusers may set, for the same reason.
RIGHTS = frozenset({"is_superuser", "groups", "user_permissions"})


@admin.register(Tenant)
class TenantAdmin(StaffAdmin):
    """Customers. They are switched off, never deleted: their slugs stand in URLs out there."""

    tenant_lookup = "pk"
    audit_name = "tenant"
    list_display = ["slug", "name", "active", "id", "created_at"]
    list_filter = ["active"]
    search_fields = ["slug", "name"]
    readonly_fields = ["id", "created_at"]
    fields = ["slug", "name", "active", "retention_days", "id", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_operator(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = super().get_readonly_fields(request, obj)
        return [*fixed, "slug"] if obj is not None else fixed


class PersonAddForm(StaffForm, UserCreationForm):  # type: ignore[misc]  # unfold is not typed
    """A new person."""


class PersonForm(StaffForm, UserChangeForm):  # type: ignore[misc]
    """A person who exists."""


@admin.register(User)
class UserAdmin(StaffAdmin, DjangoUserAdmin):  # type: ignore[misc,type-arg]
    """People who sign in to the admin and authorize OAuth clients."""

    form = PersonForm
    add_form = PersonAddForm
    change_password_form = AdminPasswordChangeForm
    audit_name = "staff"
    list_display = ["username", "email", "tenant", "is_staff", "is_active", "signed_in"]
    list_filter = ["is_staff", "is_active"]
    list_select_related = ["tenant"]
    search_fields = ["username", "email", "first_name", "last_name"]
    ordering = ["username"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    autocomplete_fields = ["groups"]
    fieldsets = [
        (None, {"fields": ["username", "password", "email", "first_name", "last_name"]}),
        (
            "What they may do",
            {"fields": ["tenant", "is_active", "is_staff", "is_superuser", "groups"]},
        ),
        ("When", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"fields": ["username", "email", "usable_password", "password1", "password2"]},
        ),
        ("What they may do", {"fields": ["tenant", "is_staff", "groups"]}),
    ]

    @admin.display(description="last signed in", ordering="last_login")
    def signed_in(self, row: User) -> Any:
        return age(row.last_login, timezone.now())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_govern(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_govern(request, obj)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  # Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """Set a person's password, and write down who did."""
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
            self.note(request, self.row_or_404(request, id), "password_changed", {})
        return answer

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        given = super().get_fieldsets(request, obj)
        if is_superuser(request):
            return given
        hidden = RIGHTS if is_operator(request) else OPERATORS_FIELDS
        kept = [
            (title, [name for name in options["fields"] if name not in hidden])
            for title, options in given
        ]
        return [(title, {"fields": fields}) for title, fields in kept if fields]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give a tenant's new member of staff the usual rights unless others were chosen."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        if not change and person.tenant_id and person.is_staff and not person.groups.exists():
            person.groups.add(tenant_staff_group())

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        return super().get_autocomplete_fields(request) if is_superuser(request) else []

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)


def _may_govern(request: HttpRequest, person: Any) -> bool:
    """Say whether one may change a person: a superuser's account is for superusers."""
    return is_superuser(request) or not getattr(person, "is_superuser", False)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(OperatorAdmin, DjangoGroupAdmin):  # type: ignore[misc]  # form: ours
    """Named sets of rights."""

    audit_name = "group"
    id_fields = ()
    search_fields = ["name"]
    list_display = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_superuser(request)
