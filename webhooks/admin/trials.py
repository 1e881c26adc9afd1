"""What the form of a subscription asks the server: read a definition, preview, send a test.

Each answer is data or a piece of HTML made by a template; the page's script only puts it in place.
"""

from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from core import strict_json
from core.admin.actors import actor_of, staff_of
from core.models import Tenant
from core.types import Json
from webhooks import samples, services
from webhooks.admin.forms import RETRY_FIELDS
from webhooks.admin.lines import HeadersField, LinesField
from webhooks.definitions import parse_definition
from webhooks.errors import DefinitionError, TenantInactiveError
from webhooks.models import Subscription
from webhooks.redaction import MASK
from webhooks.services import Sample
from webhooks.types import Headers, SubscriptionFields, Templates

STAND_IN = "hidden"


class UnusableFormError(ValueError):
    """What is typed so far cannot be tried; the message says why."""


class TrialViews:
    """The views behind the buttons of the form, for the admin of subscriptions."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("preview/", view(self.preview_view), name="webhooks_subscription_preview"),
            path(
                "definition/", view(self.definition_view), name="webhooks_subscription_definition"
            ),
            path("<path:object_id>/test/", view(self.test_view), name="webhooks_subscription_test"),
        ]
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]  # a mixin
        return own + urls

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show the request that the form, as it stands, would make."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self._row_of_form(request)
        context: dict[str, Any] = {}
        try:
            tenant = self._tenant_of_form(request, row)
            templates = _templates(request.POST, row)
            sample = _sample(request.POST, tenant)
            context["sample"] = sample
            context["preview"] = services.preview(
                tenant, templates, sample, filter_=request.POST.get("filter", "")
            )
        except UnusableFormError as error:
            context["error"] = str(error)
        return render(request, "webhooks/preview.html", context)

    def definition_view(self, request: HttpRequest) -> HttpResponse:
        """Read a pasted definition and answer the form's fields as they are typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        try:
            fields = parse_definition(request.POST.get("definition", ""))
        except DefinitionError as error:
            return JsonResponse({"message": str(error)})
        return JsonResponse(
            {
                "fields": _as_typed(fields),
                "message": "The form is filled in. Look it through, then save.",
            }
        )

    def test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send one request for the saved subscription and show what came back."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        if not self.has_change_permission(request, row):  # type: ignore[attr-defined]
            raise PermissionDenied
        context: dict[str, Any] = {}
        try:
            sample = _sample(request.POST, row.tenant, row.event_types)
            context["sample"] = sample
            context["result"] = services.send_test(row, sample, actor=actor_of(request))
        except (UnusableFormError, TenantInactiveError) as error:
            context["error"] = str(error)
        return render(request, "webhooks/test_result.html", context)

    def _row_of_form(self, request: HttpRequest) -> Subscription | None:
        """Return the subscription that is being edited, or None for a new one."""
        object_id = request.POST.get("row", "")
        if not object_id:
            if not self.has_add_permission(request):  # type: ignore[attr-defined]
                raise PermissionDenied
            return None
        row = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        if not self.has_change_permission(request, row):  # type: ignore[attr-defined]
            raise PermissionDenied
        return cast("Subscription", row)

    def _tenant_of_form(self, request: HttpRequest, row: Subscription | None) -> Tenant:
        if row is not None:
            return row.tenant
        own = staff_of(request).tenant
        if own is not None:
            return own
        try:
            return Tenant.objects.get(pk=request.POST.get("tenant", ""))
        except (Tenant.DoesNotExist, ValidationError) as error:
            raise UnusableFormError("Choose the tenant first.") from error


def _as_typed(fields: SubscriptionFields) -> dict[str, Any]:
    """Return the fields of a definition as a person would type them into the form."""
    typed: dict[str, Any] = dict(fields)
    if "event_types" in fields:
        typed["event_types"] = "\n".join(fields["event_types"])
    if "headers" in fields:
        lines = [f"{header['name']}: {header['value']}" for header in fields["headers"]]
        typed["headers"] = "\n".join(lines)
    for key, value in typed.pop("retry_policy", {}).items():
        typed[RETRY_FIELDS[key]] = ", ".join(map(str, value)) if isinstance(value, list) else value
    return typed


def _templates(form: Mapping[str, str], row: Subscription | None) -> Templates:
    try:
        headers = HeadersField(required=False).clean(form.get("headers", ""))
    except ValidationError as error:
        raise UnusableFormError(error.messages[0]) from error
    return Templates(
        method=_choice(form, "method", Subscription.Method.values),
        url=form.get("url", "").strip(),
        headers=_unmasked(headers, row),
        payload_format=_choice(form, "payload_format", Subscription.PayloadFormat.values),
        payload=form.get("payload", ""),
    )


def _choice(form: Mapping[str, str], name: str, values: list[str]) -> str:
    value = form.get(name, "")
    if value not in values:
        raise UnusableFormError(f"{value[:20]!r} is not one of {', '.join(values)}.")
    return value


def _unmasked(headers: list[dict[str, str]], row: Subscription | None) -> Headers:
    """Put something in the place of each mask: previews show the mask again, not the value."""
    stored = {each["name"].lower(): each["value"] for each in (row.headers if row else [])}
    return tuple(
        (
            each["name"],
            stored.get(each["name"].lower(), STAND_IN) if each["value"] == MASK else each["value"],
        )
        for each in headers
    )


def _sample(form: Mapping[str, str], tenant: Tenant, wanted: list[str] | None = None) -> Sample:
    """Return the event to try with: what was typed, or the first one that would be sent."""
    if wanted is None:
        wanted = LinesField(required=False).clean(form.get("event_types", ""))
    name = form.get("sample_type", "").strip() or samples.type_for(tenant, wanted)
    return Sample(event_type=name[:100], data=_typed_data(form.get("sample_data", "")))


def _typed_data(text: str) -> Mapping[str, Json] | None:
    if not text.strip():
        return None
    try:
        data = strict_json.loads(text.encode())
    except strict_json.StrictJsonError as error:
        raise UnusableFormError(f"The sample data is not JSON: {error}") from error
    if not isinstance(data, Mapping):
        raise UnusableFormError("The sample data must be a JSON object, {…}.")
    return data
