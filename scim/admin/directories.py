"""The directory of a tenant in the admin: let an identity provider in, and tell it how."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.forms import ServiceForm
from core.admin.shown_once import ShownOnce, hand_over
from core.admin.staff import ServiceAdmin
from core.display import age
from core.models import ApiKey, Tenant
from core.services import NewKey
from scim import services
from scim.models import Directory, Resource
from scim.profiles import PROFILES
from scim.protocol import READ, WRITE

KEEP_IT = "Copy it now and give it to the identity provider: it cannot be shown again."


class DirectoryForm(ServiceForm):
    """A directory; a new one comes with its first token."""

    class Meta:
        fields = ("tenant", "profile", "active", "unique_group_names", "manages_accounts")
        labels = {
            "profile": "Identity provider",
            "unique_group_names": "One group of a name",
            "manages_accounts": "Manages accounts",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "tenant" in self.fields:
            free = Tenant.objects.filter(directory=None)
            self.fields["tenant"].queryset = free  # type: ignore[attr-defined]  # of a ModelChoiceField

    def apply(self) -> Directory:
        if self.instance._state.adding:  # noqa: SLF001  # Django's API
            opened = services.open_directory(
                self.instance.tenant, profile=self.cleaned_data["profile"], actor=self.actor
            )
            self.token = opened.token
            return opened.directory
        names = ("profile", "active", "unique_group_names", "manages_accounts")
        return services.change_directory(
            self.instance, actor=self.actor, **{name: self.cleaned_data[name] for name in names}
        )


class TokenForm(forms.Form):
    """What a new token may do, and until when."""

    may = forms.ChoiceField(
        label="It may",
        choices=[("write", "read and change users and groups"), ("read", "only read")],
        widget=UnfoldAdminSelectWidget(),
    )
    last_day = forms.DateField(
        label="Last day",
        required=False,
        widget=UnfoldAdminDateWidget(),
        help_text="Empty: it works until it is revoked.",
    )

    def clean_last_day(self) -> datetime | None:
        """Return the end of the day, in UTC."""
        day = self.cleaned_data["last_day"]
        if day is None:
            return None
        end = timezone.make_aware(datetime.combine(day, time.max))
        if end <= timezone.now():
            raise forms.ValidationError("This day is over already.")
        return end


@admin.register(Directory)
class DirectoryAdmin(ServiceAdmin):
    """Users and groups that an identity provider keeps in step."""

    form = DirectoryForm
    list_display = ["tenant", "provider", "state", "asked", "users"]
    list_select_related = ["tenant"]
    list_filter = ["profile", "active"]
    search_fields = ["tenant__slug"]
    fieldsets = [
        (None, {"fields": ["tenant", "url", "profile", "active", "figures"]}),
        ("Set-up", {"fields": ["steps"]}),
        ("Tokens", {"fields": ["tokens"]}),
        (
            "What it decides",
            {"classes": ["tab"], "fields": ["unique_group_names", "manages_accounts"]},
        ),
        ("Habits that are put right", {"classes": ["tab"], "fields": ["rules"]}),
    ]
    add_fieldsets = [(None, {"fields": ["tenant", "profile"]})]
    readonly_fields = ["url", "figures", "steps", "tokens", "rules"]
    actions_detail = ["new_token"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Switch it off instead: what the identity provider knows by its ids would be gone."""
        return False

    # --- columns -------------------------------------------------------------------------------
    @display(description="identity provider", ordering="profile")
    def provider(self, row: Directory) -> str:
        return row.get_profile_display()

    @display(description="state", label={"on": "success", "off": "warning"})
    def state(self, row: Directory) -> str:
        return "on" if row.active else "off"

    @display(description="last request", ordering="last_request_at")
    def asked(self, row: Directory) -> Any:
        return age(row.last_request_at, timezone.now())

    @display(description="users")
    def users(self, row: Directory) -> int:
        return _counts(row)["active"]

    @display(description="URL")
    def url(self, row: Directory) -> SafeString:
        stored = Directory.objects.select_related("tenant").get(pk=row.pk)
        return _rendered("url", {"url": services.base_url(stored.tenant), "row": row})

    @display(description="figures")
    def figures(self, row: Directory) -> SafeString:
        context = {**_counts(row), "asked": row.last_request_at, "now": timezone.now()}
        return _rendered("figures", context)

    @display(description="steps")
    def steps(self, row: Directory) -> SafeString:
        stored = Directory.objects.select_related("tenant").get(pk=row.pk)
        url = services.base_url(stored.tenant)
        steps = [
            (each.title, each.rendered(url, "the token")) for each in PROFILES[stored.profile].steps
        ]
        return _rendered("steps", {"steps": steps})

    @display(description="tokens")
    def tokens(self, row: Directory) -> SafeString:
        now = timezone.now()
        keys = [key for key in ApiKey.objects.filter(tenant=row.tenant_id) if _opens(key)]
        return _rendered("tokens", {"keys": [(key, _state(key, now)) for key in keys], "now": now})

    @display(description="rules")
    def rules(self, row: Directory) -> SafeString:
        stored = Directory.objects.get(pk=row.pk)
        return _rendered("habits", {"rules": PROFILES[stored.profile].rules})

    # --- tokens --------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Directory, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.new_token = getattr(form, "token", None)  # type: ignore[attr-defined]  # for the answer

    def response_add(self, request: HttpRequest, obj: Directory, *args: Any) -> HttpResponse:
        return self._show(request, obj, request.new_token)  # type: ignore[attr-defined]

    @action(description="New token", url_path="new-token", permissions=["change"], icon="key")
    def new_token(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a further token; the others go on working."""
        row: Directory = self.row_or_404(request, object_id)
        form = TokenForm(request.POST or None)
        if form.is_valid():
            scopes = [READ, WRITE] if form.cleaned_data["may"] == "write" else [READ]
            made = services.create_token(
                row.tenant,
                actor=actor_of(request),
                expires_at=form.cleaned_data["last_day"],
                scopes=scopes,
            )
            return self._show(request, row, made)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"A new token for the directory of {row.tenant}",
            "form": form,
            "back_url": self.url_of(row),
        }
        return TemplateResponse(request, "scim/new_token.html", context)

    def _show(self, request: HttpRequest, row: Directory, token: NewKey) -> HttpResponse:
        return hand_over(
            request,
            ShownOnce(
                title=f"A token for the directory of {row.tenant}",
                text=KEEP_IT,
                label="Token",
                secret=token.secret,
                extra_label="URL",
                extra=services.base_url(row.tenant),
                next_url=self.url_of(row),
            ),
        )


def _counts(row: Directory) -> dict[str, int]:
    here = Resource.objects.filter(tenant=row.tenant_id, deleted_at=None)
    user, group = Q(kind=Resource.Kind.USER), Q(kind=Resource.Kind.GROUP)
    found: dict[str, int] = here.aggregate(
        users=Count("pk", filter=user),
        active=Count("pk", filter=user & Q(active=True)),
        groups=Count("pk", filter=group),
    )
    return found


def _opens(key: ApiKey) -> bool:
    return READ in key.scopes or WRITE in key.scopes


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if not key.usable(now):
        return "expired"
    return "replaced" if key.replaced_by_id else "in use"


def _rendered(name: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(f"scim/directory_{name}.html", context))  # noqa: S308  # templates escape
