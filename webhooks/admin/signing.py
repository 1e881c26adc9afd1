"""Secrets that sign and that verify in the admin, by name only."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from core.admin.decorators import display
from core.admin.staff import LogAdmin
from core.display import age
from webhooks.models import EndpointSecret, SigningSecret


@admin.register(SigningSecret)
class SigningSecretAdmin(LogAdmin):
    """What signs deliveries: when it was made and until when it holds, never the secret."""

    list_display = ["subscription", "kind", "tenant", "made", "ends"]
    list_select_related = ["tenant", "subscription"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    id_fields = ("id", "subscription")
    search_fields = ["subscription__name"]
    search_help_text = "Name or id of the subscription"
    linked_by = ("subscription",)
    fields = ["id", "subscription", "kind", "created_at", "expires_at"]

    @display(description="made", ordering="created_at")
    def made(self, row: SigningSecret) -> Any:
        return age(row.created_at, timezone.now())

    @display(description="ends", ordering="expires_at")
    def ends(self, row: SigningSecret) -> Any:
        return age(row.expires_at, timezone.now())


@admin.register(EndpointSecret)
class EndpointSecretAdmin(LogAdmin):
    """What verifies what endpoints receive: when it was entered and until when it holds."""

    list_display = ["endpoint", "tenant", "made", "ends"]
    list_select_related = ["tenant", "endpoint"]
    id_fields = ("id", "endpoint")
    search_fields = ["endpoint__name"]
    search_help_text = "Name or id of the endpoint"
    linked_by = ("endpoint",)
    fields = ["id", "endpoint", "created_at", "expires_at"]

    @display(description="made", ordering="created_at")
    def made(self, row: EndpointSecret) -> Any:
        return age(row.created_at, timezone.now())

    @display(description="ends", ordering="expires_at")
    def ends(self, row: EndpointSecret) -> Any:
        return age(row.expires_at, timezone.now())
