"""Filling the form of an endpoint from a definition that somebody pastes."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

from webhooks.admin.endpoint_widgets import OPTION
from webhooks.definitions.endpoint_words import DescribedEndpoint
from webhooks.definitions.endpoints import parse_endpoint
from webhooks.errors import DefinitionError


class DefinitionViews:
    """The view behind the button beside the pasted text, for the admin of endpoints."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.definition_view)
        own = [path("definition/", view, name="webhooks_endpoint_definition")]
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]  # a mixin
        return own + urls

    def definition_view(self, request: HttpRequest) -> HttpResponse:
        """Read a pasted definition and answer the form's fields as they are typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        try:
            described = parse_endpoint(request.POST.get("definition", ""))
        except DefinitionError as error:
            return JsonResponse({"message": str(error)})
        return JsonResponse(
            {
                "fields": _as_typed(described),
                "message": "The form is filled in. Look it through, then save.",
            }
        )


def _as_typed(described: DescribedEndpoint) -> dict[str, Any]:
    """Return the fields of a definition as a person would type them into the form."""
    fields = described.fields
    options = {f"{OPTION}{name}": value for name, value in fields["options"].items()}
    lines = [f"{header['name']}: {header['value']}" for header in fields["expected_headers"]]
    typed = {name: value for name, value in fields.items() if name != "options"}
    return {
        **typed,
        **options,
        "expected_headers": "\n".join(lines),
        "own_secret": described.secret,
    }
