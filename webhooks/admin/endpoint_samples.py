"""Sending a sample to an endpoint from its page, to see what would become of a real request."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.admin.actors import actor_of
from core.admin.decorators import action
from webhooks import services
from webhooks.errors import SampleRefusedError
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint


class SampleViews:
    """The page that sends a sample and shows what came of it, for the admin of endpoints."""

    admin_site: Any
    opts: Any

    @action(description="Send a sample", url_path="sample", permissions=["change"], icon="send")
    def send_sample(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Sign a sample as the sender would, and have the endpoint receive it."""
        row: Endpoint = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Send a sample to {row.name}",
            "scheme": SCHEMES[row.scheme],
            "back_url": self.url_of(row),  # type: ignore[attr-defined]
        }
        if request.method == "POST":
            try:
                context["outcome"] = services.send_endpoint_sample(row, actor=actor_of(request))
            except SampleRefusedError as error:
                context["problem"] = str(error)
        return TemplateResponse(request, "webhooks/endpoint_sample.html", context)
