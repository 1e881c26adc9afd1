"""What stands in the side bar of the admin, and which files its pages load."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Group title → (title, icon of Material Symbols, model).
GROUPS: dict[str, list[tuple[str, str, str]]] = {
    "Records": [
        ("Record types", "category", "records.RecordType"),
        ("Records", "dataset", "records.Record"),
    ],
    "Events": [
        ("Events", "bolt", "core.Event"),
        ("Event types", "sell", "core.EventType"),
    ],
    "Webhooks": [
        ("Subscriptions", "webhook", "webhooks.Subscription"),
        ("Deliveries", "local_shipping", "webhooks.Delivery"),
        ("Replays", "replay", "webhooks.Replay"),
    ],
    "Inbound": [
        ("Endpoints", "call_received", "webhooks.Endpoint"),
        ("Messages", "inbox", "webhooks.Message"),
        ("Refusals", "block", "webhooks.Refusal"),
    ],
    "Directory": [
        ("Directories", "contacts", "scim.Directory"),
        ("Attribute mapping", "swap_horiz", "scim.Mapping"),
    ],
    "Access": [
        ("Tenants", "apartment", "core.Tenant"),
        ("Staff", "group", "core.User"),
        ("Groups", "shield_person", "auth.Group"),
        ("API keys", "key", "core.ApiKey"),
        ("API clients", "robot_2", "core.ApiClient"),
        ("Configuration", "tune", "core.ConfigValue"),
    ],
    "Monitoring": [
        ("API calls", "monitoring", "monitoring.ApiCall"),
        ("Audit trail", "history", "core.AuditEntry"),
    ],
    "System": [
        ("Schedules", "schedule", "django_q.Schedule"),
        ("Failed tasks", "error", "django_q.Failure"),
        ("Waiting tasks", "hourglass_empty", "django_q.OrmQ"),
        ("Finished tasks", "task_alt", "django_q.Success"),
    ],
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what the person may open, in groups."""
    dashboard = {"title": "Dashboard", "icon": "dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [dashboard]}]
    for title, entries in GROUPS.items():
        items = [
            {"title": name, "icon": icon, "link": _list_of(label)}
            for name, icon, label in entries
            if _may_open(request, label)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _list_of(label: str) -> str:
    opts = apps.get_model(label)._meta  # noqa: SLF001  # Django's public API
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")


def _may_open(request: HttpRequest, label: str) -> bool:
    model = apps.get_model(label)
    if not admin.site.is_registered(model):
        return False
    return admin.site.get_model_admin(model).has_view_permission(request)


def dashboard_style_sheet(request: HttpRequest) -> str:
    """Return the address of the style sheet of figures and tables, which comes after unfold's."""
    return static("patchbay/dashboard.css")


def style_sheet(request: HttpRequest) -> str:
    """Return the address of the style sheet of everything else, which comes last."""
    return static("patchbay/admin.css")


def script(request: HttpRequest) -> str:
    """Return the address of our script."""
    return static("patchbay/admin.js")


def icon(request: HttpRequest) -> str:
    """Return the address of the icon that browsers show beside the title."""
    return static("patchbay/icon.svg")
