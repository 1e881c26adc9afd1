"""The form of an endpoint."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import escape
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from core.admin.forms import ServiceForm
from core.models import Tenant
from webhooks import services
from webhooks.admin.endpoint_widgets import (
    OPTION,
    OPTIONS,
    PathWidget,
    SecretWidget,
    option_field,
    placeholder,
)
from webhooks.admin.forms import in_words
from webhooks.admin.lines import HeadersField, LinesField
from webhooks.errors import InvalidEndpointError, Problem
from webhooks.inbound import validation
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint
from webhooks.models.endpoint import MAX_PATH_CHARACTERS
from webhooks.redaction import MASK
from webhooks.types import EndpointFields

# All but the options are fields of the form under their own names.
PLAIN_FIELDS = tuple(name for name in EndpointFields.__annotations__ if name != "options")
LABELS = {
    "slug": "Word in its events",
    "tolerance_seconds": "Clocks may differ by (s)",
    "rate_limit": "Requests a minute",
    "max_body_bytes": "Largest body (bytes)",
    "message_key": "What tells a repeat",
    "event_type": "What kind of event it is",
    "answer_status": "Status",
    "answer_content_type": "Content type",
    "answer_body": "Body",
}
# What a scheme makes of these fields while they are empty.
USUAL = {
    "message_key": {name: scheme.message_key for name, scheme in SCHEMES.items()},
    "event_type": {name: scheme.event_type for name, scheme in SCHEMES.items()},
    "tolerance_seconds": {
        name: f"{scheme.tolerance.total_seconds():.0f}"
        for name, scheme in SCHEMES.items()
        if scheme.tolerance is not None
    },
    **{
        f"{OPTION}{name}": {scheme: option.default for scheme, option in uses.items()}
        for name, uses in OPTIONS.items()
        if not any(option.choices for option in uses.values())
    },
}
TENANTS_OFFERED = 500
HELP = {
    "slug": "Between inbound and the kind of event: with orders, inbound.orders.created. Empty: the "
    "last word of the path.",
    "message_key": "header:X-Request-Id, body:event.id, or body for all of its bytes; none to take "
    "every request for a new one. Empty: what is usual with the sender.",
    "event_type": "header:X-Event, body:type, or a fixed text. Empty: what is usual with the sender.",
}
# What is wrong with these can be said whatever else is: it depends on nothing stored or derived.
CHECKED_ANYWAY = {
    "path",
    "allowed_networks",
    "message_key",
    "event_type",
    "max_body_bytes",
    "answer_content_type",
    "answer_body",
}


class EndpointForm(ServiceForm):
    """Everything about an endpoint, in the words of who sets one up."""

    path = forms.CharField(
        max_length=MAX_PATH_CHARACTERS,
        widget=PathWidget({"class": "patchbay-code", "autocomplete": "off"}),
    )
    scheme = forms.ChoiceField(
        label="Sender",
        choices=[("", "Choose…"), *((name, scheme.label) for name, scheme in SCHEMES.items())],
        widget=UnfoldAdminSelectWidget,
    )
    methods = forms.MultipleChoiceField(
        choices=[(method, method) for method in validation.METHODS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=["POST"],
    )
    expected_headers = HeadersField(
        required=False,
        help_text="What every request must carry, one a line, Name: value. With nothing after the "
        "colon it must only be there. A secret written here is shown as a mask; leave the mask to "
        "keep it.",
    )
    allowed_networks = LinesField(
        required=False,
        label="Allowed addresses",
        help_text="One a line: 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32. Empty: from anywhere.",
    )
    own_secret = forms.CharField(
        required=False,
        label="Secret",
        widget=SecretWidget({"autocomplete": "new-password"}),
        help_text="Empty: where you may choose it, a random one is made "
        "and shown once after saving; where the sender makes it, every request is refused until it "
        "is entered.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in LABELS.keys() & self.fields.keys():
            self.fields[name].label = LABELS[name]
        for name in HELP.keys() & self.fields.keys():
            self.fields[name].help_text = HELP[name]
        if "slug" in self.fields:
            self.fields["slug"].required = False
        self._show_urls()
        self._show_options()
        chosen = str(self["scheme"].value() or "") if "scheme" in self.fields else ""
        self._show_secret(chosen)
        for name in USUAL.keys() & self.fields.keys():
            self.fields[name].widget.attrs.update(placeholder(USUAL[name], chosen))

    def _show_urls(self) -> None:
        """Have the path show the URL that it makes; an operator chooses the tenant beside it."""
        if "path" not in self.fields:
            return
        widget = cast("PathWidget", self.fields["path"].widget)
        widget.start = f"{settings.PUBLIC_URL}/in/"
        tenant = self.instance.tenant.slug if self.instance.tenant_id is not None else "<tenant>"
        self.fields["path"].help_text = escape(f"What follows /in/{tenant}/, such as github.")
        if self.instance.tenant_id is not None:
            widget.slug = self.instance.tenant.slug
            widget.saved = self.instance.url if self.instance.path else ""
        else:
            rows = Tenant.objects.order_by("slug")[:TENANTS_OFFERED]
            widget.tenants = {str(row.pk): row.slug for row in rows}

    def _show_options(self) -> None:
        stored = self.instance.options or {}
        for name, uses in OPTIONS.items():
            secret = any(option.secret for option in uses.values())
            value = stored.get(name, "")
            self.initial[f"{OPTION}{name}"] = MASK if secret and value else value

    def _show_secret(self, scheme: str) -> None:
        """Ask a new endpoint for its secret; those of others have a page of their own."""
        if not self.instance._state.adding:  # noqa: SLF001  # Django's API
            self.fields.pop("own_secret", None)
        elif "own_secret" in self.fields:
            cast("SecretWidget", self.fields["own_secret"].widget).scheme = scheme

    def _post_clean(self) -> None:
        """Say all that is wrong at once: what the service refuses as well as what the form does."""
        super()._post_clean()
        if self.errors:
            found = self._by_field(tuple(validation.check(self.instance)))
            for name in CHECKED_ANYWAY & (found.keys() - self.errors.keys()):
                self.add_error(name, found[name])

    def clean_path(self) -> str:
        """Take it with slashes around it, too: people write paths so."""
        return str(self.cleaned_data["path"]).strip("/")

    def chosen_options(self) -> dict[str, str]:
        """Return the options of the chosen scheme that say something."""
        scheme = SCHEMES[self.cleaned_data["scheme"]]
        given = {
            each.name: self.cleaned_data.get(f"{OPTION}{each.name}") for each in scheme.options
        }
        return {name: value for name, value in given.items() if value}

    def apply(self) -> Endpoint:
        given = {name: self.cleaned_data[name] for name in PLAIN_FIELDS}
        fields = cast("EndpointFields", {**given, "options": self.chosen_options()})
        try:
            if self.instance._state.adding:  # noqa: SLF001  # Django's API
                saved = services.create_endpoint(
                    self.instance.tenant,
                    fields,
                    actor=self.actor,
                    secret=self.cleaned_data.get("own_secret", ""),
                )
                self.new_secret = saved.secret
                return saved.endpoint
            stored = Endpoint.objects.get(pk=self.instance.pk)
            return services.update_endpoint(stored, fields, actor=self.actor)
        except InvalidEndpointError as error:
            raise ValidationError(self._by_field(error.problems)) from error

    def _by_field(self, problems: tuple[Problem, ...]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for problem in problems:
            found.setdefault(self._field_of(problem.path), []).append(self._in_words(problem))
        return found

    def _in_words(self, problem: Problem) -> str:
        """Return a problem in the words of this form, which shows neither slugs nor stored secrets."""
        if (problem.path, problem.code) == ("slug", "taken"):
            return "Another endpoint of yours has this word in its events; choose a different one."
        if problem.path == "secret" and "own_secret" not in self.fields:
            sender = SCHEMES[self.cleaned_data["scheme"]].label
            return (
                f"The stored secret does not fit {sender}: {in_words(problem)} Replace it first, the "
                "old one to be believed for 0 hours; or create another endpoint."
            )
        return in_words(problem)

    def _field_of(self, path: str) -> str:
        head, _, rest = path.partition(".")
        name = f"{OPTION}{rest}" if head == "options" else head.partition("[")[0]
        if name == "secret":
            name = "own_secret" if "own_secret" in self.fields else "scheme"
        return name if name in self.fields else "__all__"


for _name, _uses in OPTIONS.items():
    EndpointForm.base_fields[f"{OPTION}{_name}"] = option_field(_uses)
    EndpointForm.declared_fields[f"{OPTION}{_name}"] = EndpointForm.base_fields[f"{OPTION}{_name}"]
