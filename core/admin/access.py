"""Credentials of the tenant API: keys and OAuth 2.0 clients."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldBooleanSwitchWidget

from core import services
from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.forms import ScopesField, StaffForm
from core.admin.shown_once import ShownOnce, hand_over
from core.admin.staff import StaffAdmin, become
from core.display import age
from core.errors import CredentialStateError
from core.models import ApiClient, ApiKey

KEEP_IT = "Copy it now and keep it safe: it is stored only as a digest and cannot be shown again."


class ApiKeyForm(StaffForm):
    """An API key; the secret is made on saving."""

    scopes = ScopesField()


@admin.register(ApiKey)
class ApiKeyAdmin(StaffAdmin):
    """Bearer secrets of tenants."""

    form = ApiKeyForm
    audit_name = "api_key"
    list_display = ["name", "prefix", "tenant", "state", "scope_names", "used", "expires_at"]
    list_select_related = ["tenant"]
    search_fields = ["name", "prefix"]
    fieldsets = [
        (None, {"fields": ["tenant", "name", "scopes", "expires_at", "rate_limit"]}),
        ("State", {"fields": ["prefix", "state", "created_at", "used", "revoked_at"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["tenant", "name", "scopes", "expires_at", "rate_limit"]}),
    ]
    readonly_fields = ["prefix", "state", "created_at", "used", "revoked_at"]
    actions_row = ["rotate", "revoke"]
    actions_detail = ["rotate", "revoke"]

    @display(
        description="state",
        label={"in use": "success", "revoked": "danger", "expired": "warning", "replaced": "info"},
    )
    def state(self, row: ApiKey) -> str:
        if row.revoked_at is not None:
            return "revoked"
        if not row.usable(timezone.now()):
            return "expired"
        return "replaced" if row.replaced_by_id else "in use"

    @display(description="scopes")
    def scope_names(self, row: ApiKey) -> str:
        return f"{len(row.scopes)} scopes" if len(row.scopes) > 2 else ", ".join(row.scopes)

    @display(description="last used", ordering="last_used_at")
    def used(self, row: ApiKey) -> Any:
        return age(row.last_used_at, timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Revoke instead: the audit trail keeps pointing at the key."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        new = services.create_api_key(
            obj.tenant,
            name=obj.name,
            scopes=obj.scopes,
            actor=actor_of(request),
            expires_at=obj.expires_at,
            rate_limit=obj.rate_limit,
        )
        become(obj, new.key)
        request.new_secret = new.secret  # type: ignore[attr-defined]  # for response_add

    def response_add(self, request: HttpRequest, obj: ApiKey, *args: Any) -> HttpResponse:
        return self._show(request, obj, request.new_secret)  # type: ignore[attr-defined]

    def _show(self, request: HttpRequest, key: ApiKey, secret: str) -> HttpResponse:
        return hand_over(
            request,
            ShownOnce(
                title=f"The secret of {key.name}",
                text=KEEP_IT,
                label="API key",
                secret=secret,
                next_url=self.url_of(key),
            ),
        )

    @action(description="Rotate", url_path="rotate", permissions=["change"], icon="autorenew")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace the key; the old one goes on working for a day."""
        key = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                key,
                title=f"Rotate {key.name}?",
                text="A new key with the same scopes is made. The old one goes on working for 24 "
                "hours, so there is time to put the new one in place.",
                button="Rotate",
            )
        try:
            new = services.rotate_api_key(key, actor=actor_of(request))
        except CredentialStateError as error:
            return self.back_to(request, key, str(error), messages.ERROR)
        return self._show(request, new.key, new.secret)

    @action(description="Revoke", url_path="revoke", permissions=["change"], icon="block")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make the key useless at once."""
        key = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                key,
                title=f"Revoke {key.name}?",
                text="Whoever uses the key is refused from this moment on. This cannot be undone.",
                button="Revoke",
            )
        services.revoke_api_key(key, actor=actor_of(request))
        return self.back_to(request, key, f"{key.name} is revoked.")


class ApiClientForm(StaffForm):
    """An OAuth 2.0 client; id and secret are made on saving."""

    scopes = ScopesField()
    redirect_uris = forms.CharField(
        label="Redirect URIs",
        required=False,
        widget=UnfoldAdminExpandableTextareaWidget(),
        help_text="One a line. With one the client lets people authorize it (authorization code "
        "with PKCE); without, it acts for itself (client credentials).",
    )
    public = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="An app on a person's device or in a browser: it has no secret.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        uris = cleaned.get("redirect_uris", "").split()
        cleaned["redirect_uris"] = " ".join(uris)
        if cleaned.get("public") and not uris:
            self.add_error("public", "A public client needs a redirect URI.")
        if self.instance._state.adding:  # noqa: SLF001  # Django's API
            client = self.instance
            client.authorization_grant_type = (
                ApiClient.GRANT_AUTHORIZATION_CODE if uris else ApiClient.GRANT_CLIENT_CREDENTIALS
            )
            client.client_type = (
                ApiClient.CLIENT_PUBLIC if cleaned.get("public") else ApiClient.CLIENT_CONFIDENTIAL
            )
        return cleaned


class ApiClientAdmin(StaffAdmin):
    """OAuth 2.0 clients of tenants. Registered by ``config``: django-oauth-toolkit comes first."""

    form = ApiClientForm
    audit_name = "api_client"
    list_display = ["name", "client_id", "tenant", "authorization_grant_type", "created"]
    list_select_related = ["tenant"]
    list_filter = ["authorization_grant_type"]
    search_fields = ["name", "client_id__exact"]
    fieldsets = [
        (None, {"fields": ["tenant", "name", "scopes", "redirect_uris", "rate_limit"]}),
        (
            "Identity",
            {"fields": ["client_id", "client_type", "authorization_grant_type", "created"]},
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["tenant", "name", "scopes", "redirect_uris", "public", "rate_limit"]}),
    ]
    readonly_fields = ["client_id", "client_type", "authorization_grant_type", "created"]
    actions_row = ["renew_secret"]
    actions_detail = ["renew_secret"]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **options)
        if obj is not None:
            form.base_fields.pop("public", None)
        return form

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        new = services.create_api_client(
            obj.tenant,
            name=obj.name,
            scopes=obj.scopes,
            actor=actor_of(request),
            redirect_uris=obj.redirect_uris.split(),
            public=form.cleaned_data["public"],
            rate_limit=obj.rate_limit,
        )
        become(obj, new.client)
        request.new_secret = new.secret  # type: ignore[attr-defined]  # for response_add

    def response_add(self, request: HttpRequest, obj: ApiClient, *args: Any) -> HttpResponse:
        secret = request.new_secret  # type: ignore[attr-defined]
        if not secret:
            return self.back_to(request, obj, "The client is ready. It has no secret.")
        return self._show(request, obj, secret)

    def _show(self, request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
        return hand_over(
            request,
            ShownOnce(
                title=f"The secret of {client}",
                text=KEEP_IT,
                label="client_secret",
                secret=secret,
                extra_label="client_id",
                extra=client.client_id,
                next_url=self.url_of(client),
            ),
        )

    @action(
        description="Renew secret",
        url_path="renew-secret",
        permissions=["change"],
        icon="autorenew",
    )
    def renew_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the client a new secret."""
        client = self.row_or_404(request, object_id)
        if client.client_type == ApiClient.CLIENT_PUBLIC:
            return self.back_to(request, client, "A public client has no secret.", messages.WARNING)
        if request.method != "POST":
            return self.ask(
                request,
                client,
                title=f"Renew the secret of {client}?",
                text="The old secret and every token obtained with it stop working at once.",
                button="Renew secret",
            )
        secret = services.renew_client_secret(client, actor=actor_of(request))
        return self._show(request, client, secret)
