"""A secret is shown exactly once, on a page of its own, right after it was made.

Between the request that makes it and the page that shows it, it waits in the session, encrypted.
Reading the page takes it away: a reload, the back button or a second tab show nothing.
"""

import json
from dataclasses import asdict, dataclass

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.crypto import decrypt, encrypt
from core.errors import DecryptionError

SESSION_KEY = "shown_once"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOnce:
    """What the page says. ``label`` names the secret; ``next_url`` is where one goes on."""

    title: str
    text: str
    label: str
    secret: str
    next_url: str
    extra_label: str = ""
    extra: str = ""


def hand_over(request: HttpRequest, shown: ShownOnce) -> HttpResponseRedirect:
    """Keep the secret for the next page and go there."""
    request.session[SESSION_KEY] = encrypt(json.dumps(asdict(shown)))
    return HttpResponseRedirect(reverse("admin:shown-once"))


def view(request: HttpRequest) -> HttpResponse:
    """Show the secret that waits for this session, and forget it."""
    kept = request.session.pop(SESSION_KEY, None)
    try:
        shown = ShownOnce(**json.loads(decrypt(kept))) if kept else None
    except DecryptionError:
        shown = None
    if shown is None:
        messages.warning(
            request,
            "A secret is shown only once. If you lost it, rotate or renew it for a new one.",
        )
        return HttpResponseRedirect(reverse("admin:index"))
    context = {**admin.site.each_context(request), "title": shown.title, "shown": shown}
    response = TemplateResponse(request, "admin/shown_once.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
