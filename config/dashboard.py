"""The first page of the admin: what happened in the last 24 hours, and what to do first."""

import json
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from config.figures import Figures, FirstStep, figures, first_steps
from core.admin.actors import staff_of

# The colors stand on white and on dark ground alike.
GOOD, WAITING, BAD, TEXT = "#16a34a", "#f59e0b", "#dc2626", "#8b93a1"

STEP_PAGES = {
    FirstStep.TENANT: ("Create a tenant", "admin:core_tenant_add", "core.add_tenant"),
    FirstStep.RECORD_TYPE: (
        "Define a record type, such as Order",
        "admin:records_recordtype_add",
        "records.add_recordtype",
    ),
    FirstStep.SUBSCRIPTION: (
        "Create a webhook subscription",
        "admin:webhooks_subscription_add",
        "webhooks.add_subscription",
    ),
    FirstStep.CREDENTIAL: (
        "Give an API key to whoever sends you data",
        "admin:core_apikey_add",
        "core.add_apikey",
    ),
    FirstStep.EVENT: (
        "Create the first record, through the API or here",
        "admin:records_record_add",
        "records.add_record",
    ),
}


def callback(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the dashboard to the context of the index page (unfold's DASHBOARD_CALLBACK)."""
    user = staff_of(request)
    now = timezone.now()
    found = figures(user.tenant_id, now)
    context.update(
        {
            "figures": found,
            "now": now,
            "steps": _steps(request),
            "hours": json.dumps(_chart(found)),
            "chart_options": json.dumps(CHART_OPTIONS),
            "sees_deliveries": user.has_perm("webhooks.view_delivery"),
            "sees_events": user.has_perm("core.view_event"),
            "sees_calls": user.has_perm("monitoring.view_apicall"),
            "deliveries_url": reverse("admin:webhooks_delivery_changelist"),
            "events_url": reverse("admin:core_event_changelist"),
            "calls_url": reverse("admin:monitoring_apicall_changelist"),
        }
    )
    return context


def _steps(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the first steps in order, or nothing once they all are done."""
    user = staff_of(request)
    done = first_steps(user.tenant_id)
    if all(done.values()):
        return []
    return [
        {"text": STEP_PAGES[step][0], "url": reverse(STEP_PAGES[step][1]), "done": is_done}
        for step, is_done in done.items()
        if user.has_perm(STEP_PAGES[step][2])
    ]


LEGEND = {"boxWidth": 10, "color": TEXT}
CHART_OPTIONS: dict[str, Any] = {
    "maintainAspectRatio": False,
    "barPercentage": 0.9,
    "categoryPercentage": 0.85,
    "plugins": {"legend": {"display": True, "position": "bottom", "labels": LEGEND}},
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "ticks": {"maxRotation": 0, "color": TEXT},
        },
        "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0, "color": TEXT}},
    },
}


def _chart(found: Figures) -> dict[str, Any]:
    series = (
        ("Delivered", GOOD, [hour.delivered for hour in found.hours]),
        ("Pending", WAITING, [hour.pending for hour in found.hours]),
        ("Dead", BAD, [hour.dead for hour in found.hours]),
    )
    return {
        "labels": [hour.starts_at.strftime("%H:%M") for hour in found.hours],
        "datasets": [
            {"label": label, "data": data, "backgroundColor": color, "borderRadius": 2}
            for label, color, data in series
        ],
    }
