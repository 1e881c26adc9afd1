"""Replacing the secret of an endpoint, or entering the first one, on a page of its own."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminPasswordWidget

from core.admin.actors import actor_of
from core.admin.decorators import action
from core.admin.shown_once import ShownOnce, hand_over
from webhooks import services
from webhooks.admin.endpoint_samples import HMAC, sample_command
from webhooks.errors import RotationRefusedError
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Options
from webhooks.models import Endpoint, EndpointSecret
from webhooks.services import MAX_OVERLAP, ROTATION_OVERLAP

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEEP_IT = "Copy it now: it is stored encrypted and cannot be shown again."
TRY_IT = "A command to try it with is on the page of the endpoint."


class SecretForm(forms.Form):
    """A secret, and how long the ones before it go on being believed."""

    secret = forms.CharField(
        required=False, widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"})
    )
    overlap_hours = forms.IntegerField(
        required=False,
        label="The old one is believed for (hours)",
        min_value=0,
        max_value=MAX_OVERLAP // HOUR,
        initial=ROTATION_OVERLAP // HOUR,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="So long both are, and the sender can change over at any moment in between. 0: "
        "the old one is refused at once, as when somebody else has got to know it.",
    )

    def __init__(self, *args: Any, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(*args, **options)
        if SCHEMES[endpoint.scheme].secret_is_ours:
            self.fields["secret"].help_text = "Empty: a random one is made and shown once."
        else:
            self.fields["secret"].required = True
        live = EndpointSecret.objects.filter(endpoint=endpoint).live(timezone.now())
        self.replaces = bool(live.exists())
        if not self.replaces:
            del self.fields["overlap_hours"]


class SecretViews:
    """The page that takes a new secret, for the admin of endpoints."""

    admin_site: Any
    opts: Any

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Name the button for what it does: there may be no secret yet that could be replaced."""
        offered: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        row = self.get_object(request, unquote(str(object_id)))  # type: ignore[attr-defined]
        if row is None or row.live_secrets:
            return offered
        return [
            replace(each, description="Enter the secret") if each.path == "replace-secret" else each
            for each in offered
        ]

    @action(
        description="Replace the secret",
        url_path="replace-secret",
        permissions=["change"],
        icon="autorenew",
    )
    def replace_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace what the sender signs with, or enter it."""
        row: Endpoint = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        form = SecretForm(request.POST or None, endpoint=row)
        if form.is_valid():
            try:
                return self._replaced(request, row, form.cleaned_data)
            except RotationRefusedError as error:
                form.add_error("secret", ValidationError(str(error), code="refused"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"{'Replace' if form.replaces else 'Enter'} the secret of {row.name}",
            "button": "Replace the secret" if form.replaces else "Save the secret",
            "scheme": SCHEMES[row.scheme],
            "use": use_of_secret(row),
            "command": sample_command(row) if row.scheme == HMAC else "",
            "form": form,
            "back_url": self.url_of(row),  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "webhooks/replace_secret.html", context)

    def _replaced(self, request: HttpRequest, row: Endpoint, said: dict[str, Any]) -> HttpResponse:
        hours = said.get("overlap_hours")
        saved = services.replace_endpoint_secret(
            row,
            actor=actor_of(request),
            overlap=ROTATION_OVERLAP if hours is None else hours * HOUR,
            secret=said["secret"],
        )
        if saved.secret:
            return self.show_secret(request, row, saved.secret)
        answer: HttpResponse = self.back_to(request, row, "The secret is saved.")  # type: ignore[attr-defined]
        return answer

    def show_secret(self, request: HttpRequest, row: Endpoint, secret: str) -> HttpResponse:
        """Show a secret that was made for an endpoint, once, with the URL that goes with it."""
        told = f"{KEEP_IT} {TRY_IT}" if row.scheme == HMAC else KEEP_IT
        return hand_over(
            request,
            ShownOnce(
                title=f"The secret of {row.name}",
                text=f"Give it to the sender, who {use_of_secret(row)}. {told}",
                label="Secret",
                secret=secret,
                extra_label="URL",
                extra=row.url,
                next_url=self.url_of(row),  # type: ignore[attr-defined]
            ),
        )


def use_of_secret(endpoint: Endpoint) -> str:
    """Return what a sender does with the secret of ``endpoint``, to go on after "the sender"."""
    scheme = SCHEMES[endpoint.scheme]
    options = scheme.filled(endpoint.options)
    if headers := scheme.secret_headers(options):
        names = " and ".join(name.title() for name in headers)
        return f"sends it with every request, in the header {names}"
    if scheme.name == "microsoft_graph":
        return "sends it with every request, as clientState in the body"
    if scheme.verifies_only:
        return "signs every request with the private key that belongs to it"
    if scheme.name == HMAC:
        return f"signs every request with it: {_hmac_in_words(options)}"
    return "signs every request with it"


def _hmac_in_words(options: Options) -> str:
    prefix = "" if options["prefix"] == "none" else f"{options['prefix']} and then "
    time = "{timestamp} is the Unix seconds in " + options["timestamp_header"]
    content = "the body" if options["signed"] == "{body}" else options["signed"]
    timed = f", where {time}" if "{timestamp}" in options["signed"] else ""
    return (
        f"the header {options['header']} holds {prefix}the HMAC-{options['algorithm'].upper()} of "
        f"{content} in {options['encoding']}{timed}"
    )


def time_left(moment: datetime, now: datetime) -> str:
    """Return how long it is until ``moment``, rounded: people look for the hours that they chose."""
    left = moment - now
    number, unit = round(left / HOUR), "hour"
    if left < HOUR - MINUTE / 2:
        number, unit = max(round(left / MINUTE), 1), "minute"
    return f"{number} {unit}{'' if number == 1 else 's'}"
