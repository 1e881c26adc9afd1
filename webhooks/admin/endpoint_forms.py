"""The form of an endpoint."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin.forms import ServiceForm
from webhooks import services
from webhooks.admin.forms import in_words
from webhooks.admin.lines import HeadersField, LinesField
from webhooks.errors import InvalidEndpointError, Problem
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Option
from webhooks.inbound.validation import METHODS
from webhooks.models import Endpoint
from webhooks.models.endpoint import MAX_PATH_CHARACTERS
from webhooks.redaction import MASK
from webhooks.types import EndpointFields

# All but the options are fields of the form under their own names.
PLAIN_FIELDS = tuple(name for name in EndpointFields.__annotations__ if name != "options")
OPTION = "option_"
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


def options_by_name() -> dict[str, list[tuple[str, Option]]]:
    """Return every option of every scheme: what each scheme that has it calls it."""
    found: dict[str, list[tuple[str, Option]]] = {}
    for scheme in SCHEMES.values():
        for option in scheme.options:
            found.setdefault(option.name, []).append((scheme.label, option))
    return found


OPTIONS = options_by_name()


class EndpointForm(ServiceForm):
    """Everything about an endpoint, in the words of who sets one up."""

    path = forms.CharField(
        max_length=MAX_PATH_CHARACTERS,
        widget=UnfoldAdminTextInputWidget({"class": "patchbay-code"}),
        help_text="What follows /in/ and the tenant in its URL, such as webhooks/external-service.",
    )
    scheme = forms.ChoiceField(
        label="Sender",
        choices=[(name, f"{scheme.label}: {scheme.hint}") for name, scheme in SCHEMES.items()],
        widget=UnfoldAdminSelectWidget,
        help_text="How it proves that it sent a request, and which secret it takes.",
    )
    methods = forms.MultipleChoiceField(
        choices=[(method, method) for method in METHODS],
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
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text="What the sender signs with. Empty: where you may choose it, a random one is made "
        "and shown once after saving; where the sender makes it, every request is refused until it "
        "is entered.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in LABELS.keys() & self.fields.keys():
            self.fields[name].label = LABELS[name]
        if "slug" in self.fields:
            self.fields["slug"].required = False
        stored = self.instance.options or {}
        for name, uses in OPTIONS.items():
            if f"{OPTION}{name}" in self.fields:
                secret = uses[0][1].secret
                value = stored.get(name, "")
                self.initial[f"{OPTION}{name}"] = MASK if secret and value else value

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
            found.setdefault(self._field_of(problem.path), []).append(in_words(problem))
        return found

    def _field_of(self, path: str) -> str:
        head, _, rest = path.partition(".")
        name = f"{OPTION}{rest}" if head == "options" else head.partition("[")[0]
        name = {"secret": "own_secret"}.get(name, name)
        return name if name in self.fields else "__all__"


def _option_field(uses: list[tuple[str, Option]]) -> forms.CharField:
    _, option = uses[0]
    senders = ", ".join(label for label, _ in uses)
    default = f" Empty: {option.default}." if option.default else ""
    choices = f" One of {', '.join(option.choices)}." if option.choices else ""
    return forms.CharField(
        required=False,
        label=option.label,
        widget=UnfoldAdminTextInputWidget({"class": "patchbay-code"}),
        help_text=f"For {senders}. {option.help_text}{choices}{default}",
    )


for _name, _uses in OPTIONS.items():
    EndpointForm.base_fields[f"{OPTION}{_name}"] = _option_field(_uses)
    EndpointForm.declared_fields[f"{OPTION}{_name}"] = EndpointForm.base_fields[f"{OPTION}{_name}"]
