"""Pages of foreign apps, registered anew so that they look right and give nothing away."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django_q.admin import ScheduleAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.tasks import async_task
from oauth2_provider.admin import mask_credential
from oauth2_provider.models import (
    AccessToken,
    DeviceGrant,
    Grant,
    IDToken,
    RefreshToken,
    revoke_access_token,
)

from core import audit
from core.admin.access import ApiClientAdmin
from core.admin.actors import actor_of
from core.admin.decorators import display
from core.admin.staff import LogAdmin, OperatorAdmin
from core.display import age, code
from core.models import ApiClient

for model in (ApiClient, AccessToken, RefreshToken, Grant, IDToken, DeviceGrant):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
for model in (Schedule, Success, Failure, OrmQ):
    admin.site.unregister(model)
admin.site.register(ApiClient, ApiClientAdmin)


class TokenAdmin(LogAdmin):
    """What the OAuth flows issued. A token is shown by its last characters only."""

    tenant_lookup = "application__tenant"
    id_fields = ()
    list_select_related = ["application__tenant", "user"]
    linked_by = ("application",)
    search_fields = ["application__client_id__exact", "application__name", "user__username"]
    search_help_text = "Client or user; never the token itself"

    @display(description="token")
    def masked(self, row: Any) -> str:
        return str(mask_credential(getattr(row, "token", "") or getattr(row, "code", "")))

    @display(description="tenant")
    def owner(self, row: Any) -> str:
        return str(row.application.tenant)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer to revoke what can be used, to whoever may delete it by Django's rights."""
        actions: dict[str, Any] = super().get_actions(request)
        codename = f"{self.opts.app_label}.delete_{self.opts.model_name}"
        return actions if request.user.has_perm(codename) else {}


@admin.register(AccessToken)
class AccessTokenAdmin(TokenAdmin):
    """Access tokens."""

    list_display = ["masked", "application", "owner", "user", "scope", "expires"]
    fields = ["masked", "application", "user", "scope", "expires", "created"]
    readonly_fields = ["masked"]
    actions = ["revoke"]

    @admin.action(description="Revoke the chosen access tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        count = 0
        for token in queryset:
            _note_revocation(request, token)
            revoke_access_token(token)
            count += 1
        self.message_user(request, f"Revoked {count} access tokens.", messages.SUCCESS)


@admin.register(RefreshToken)
class RefreshTokenAdmin(TokenAdmin):
    """Refresh tokens."""

    list_display = ["masked", "application", "owner", "user", "created", "revoked"]
    fields = ["masked", "application", "user", "created", "revoked"]
    readonly_fields = ["masked"]
    actions = ["revoke"]

    @admin.action(description="Revoke the chosen refresh tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[RefreshToken]) -> None:
        count = 0
        for token in queryset:
            _note_revocation(request, token)
            token.revoke()
            count += 1
        self.message_user(request, f"Revoked {count} refresh tokens.", messages.SUCCESS)


@admin.register(Grant)
class GrantAdmin(TokenAdmin):
    """Authorization codes that have not been used yet."""

    list_display = ["masked", "application", "owner", "user", "expires"]
    fields = ["masked", "application", "user", "redirect_uri", "scope", "expires"]
    readonly_fields = ["masked"]


def _note_revocation(request: HttpRequest, token: Any) -> None:
    audit.record(
        "oauth_token.revoked",
        tenant=token.application.tenant,
        actor=actor_of(request),
        target=token.application,
        details={"kind": token._meta.model_name, "token": token.pk},  # noqa: SLF001  # Django's API
    )


class TaskLogAdmin(LogAdmin):
    """Background tasks that have run."""

    tenant_lookup = None
    id_fields = ()
    search_fields = ["name", "func__startswith"]
    list_filter = ["cluster"]
    list_display = ["name", "func", "cluster", "began", "took"]
    fields = ["name", "func", "cluster", "started", "stopped", "took", "outcome", "attempt_count"]
    readonly_fields = ["outcome", "took"]

    @display(description="started", ordering="started")
    def began(self, row: Any) -> Any:
        return age(row.started, timezone.now())

    @display(description="seconds")
    def took(self, row: Any) -> str:
        return f"{row.time_taken():.3f}"

    @display(description="outcome")
    def outcome(self, row: Any) -> Any:
        return code(str(row.result or ""))


@admin.register(Success)
class SuccessAdmin(TaskLogAdmin):
    """Tasks that went well."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(success=True)


@admin.register(Failure)
class FailureAdmin(TaskLogAdmin):
    """Tasks that failed."""

    list_display = ["name", "func", "began", "reason"]
    actions = ["run_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(success=False)

    @display(description="reason")
    def reason(self, row: Any) -> str:
        return Truncator(str(row.result or "")).chars(120)

    @admin.action(description="Run the chosen tasks again")
    def run_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        tasks = list(queryset)
        for task in tasks:
            async_task(task.func, *(task.args or ()), **(task.kwargs or {}))
        self.message_user(request, f"{len(tasks)} tasks wait to run again.", messages.SUCCESS)


@admin.register(OrmQ)
class OrmQAdmin(LogAdmin):
    """Tasks that wait for a worker."""

    tenant_lookup = None
    id_fields = ()
    list_display = ["id", "key", "name", "func", "lock"]
    fields = ["id", "key", "name", "func", "lock"]
    readonly_fields = ["name", "func"]


@admin.register(Schedule)
class SchedulePageAdmin(OperatorAdmin, ScheduleAdmin):  # type: ignore[misc]  # not typed
    """What runs again and again. Made by the worker at its start; here it can be looked at."""

    id_fields = ()
    audit_name = "schedule"
    list_display = ["name", "func", "schedule_type", "minutes", "next_run", "get_success"]
    list_filter = ["schedule_type"]
    search_fields = ["name", "func"]
