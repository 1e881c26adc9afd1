"""The form of a subscription."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
)

from core import event_types
from core.admin.forms import CodeWidget, ServiceForm
from core.models import Tenant
from core.types import Json
from webhooks import services
from webhooks.admin.lines import EventTypesWidget, HeadersField, LinesField
from webhooks.errors import InvalidSubscriptionError, Problem
from webhooks.models import Subscription
from webhooks.types import SubscriptionFields

# All but the retry policy are fields of the form under their own names.
PLAIN_FIELDS = tuple(name for name in SubscriptionFields.__annotations__ if name != "retry_policy")
# The form's field for each key of a retry policy.
RETRY_FIELDS = {
    "maxRetries": "max_retries",
    "retryDelay": "retry_delay",
    "backoffMultiplier": "backoff_multiplier",
    "maxDelay": "max_delay",
    "schedule": "schedule",
    "retryOnStatus": "retry_on_status",
}
# What the model's own names do not say: the unit, or what is counted.
LABELS = {
    "timeout_seconds": "Longest wait for the answer (s)",
    "concurrency": "Requests at once",
    "rate_limit": "Requests a minute",
    "ordering": "Order",
    "ordering_seconds": "Held up for at most (s)",
}
TENANTS_ASKED = 20


class NumbersField(forms.CharField):
    """Whole numbers, separated by commas or spaces."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        words = (super().to_python(value) or "").replace(",", " ").split()
        if wrong := [word for word in words if not word.isdecimal()]:
            raise ValidationError(f"{wrong[0][:40]} is not a whole number.", code="invalid")
        return [int(word) for word in words]


class SubscriptionForm(ServiceForm):
    """Everything about a subscription, in the words of who sets one up."""

    event_types = LinesField(
        label="Events",
        widget=EventTypesWidget({"rows": 3, "class": "patchbay-code", "spellcheck": "false"}),
        help_text="One a line. A star stands for anything: order.* is everything about orders.",
    )
    filter = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget({"class": "patchbay-code"}),
        label="Only if",
        help_text="An expression that must be true, such as order.total ?? 0 > 100. Empty: always.",
    )
    url = forms.CharField(
        label="URL",
        widget=UnfoldAdminTextInputWidget({"class": "patchbay-code"}),
        help_text="Where the request goes. May hold templates: https://{{config.shop}}.example.com/hook",
    )
    headers = HeadersField(
        required=False,
        help_text="One a line, Name: value. Keep secrets in the configuration and write "
        "Authorization: Bearer {{config.api_key}}. A secret written here is shown as a mask; leave "
        "the mask to keep it.",
    )
    payload = forms.CharField(
        required=False,
        strip=False,
        widget=CodeWidget({"rows": 10}),
        help_text='A template, such as {"id": "{{order.id}}", "items": {{order.items}}}. '
        "Empty: the event as it is, in the standard envelope.",
    )
    own_secret = forms.CharField(
        required=False,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text="Only if the receiver gives you one (whsec_…). Empty: a random one is made and "
        "shown once after saving.",
    )
    max_retries = forms.IntegerField(
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
        label="Retries",
        help_text="How often to try again. Leave all of this section empty for the schedule of "
        "Standard Webhooks: seven retries over about 28 hours.",
    )
    retry_delay = forms.IntegerField(
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
        label="First wait (ms)",
    )
    backoff_multiplier = forms.FloatField(
        required=False,
        widget=UnfoldAdminDecimalFieldWidget(),
        label="Multiplier",
        help_text="Each wait is this many times the one before.",
    )
    max_delay = forms.IntegerField(
        required=False, widget=UnfoldAdminIntegerFieldWidget(), label="Longest wait (ms)"
    )
    schedule = NumbersField(
        required=False,
        label="Or fixed waits (ms)",
        help_text="Instead of first wait and multiplier: 5000, 60000, 600000.",
    )
    retry_on_status = NumbersField(
        required=False,
        label="Retry on status",
        help_text="Answers worth a retry, such as 429, 500, 503. Empty: every failure.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.suggestions = self._suggestions()
        if "event_types" in self.fields:
            self.fields["event_types"].widget.suggestions = self.suggestions
        for name in LABELS.keys() & self.fields.keys():
            self.fields[name].label = LABELS[name]
        if "enabled" in self.fields and self.instance.disabled_reason:
            why = escape(self.instance.disabled_reason)
            self.fields["enabled"].help_text = f"It was switched off: {why}."
        policy = self.instance.retry_policy or {}
        for key, name in RETRY_FIELDS.items():
            if key in policy and name in self.fields:
                self.initial[name] = policy[key]

    def _suggestions(self) -> list[str]:
        """Return the event types to pick from; an operator picks before the tenant is known."""
        if self.instance.tenant_id is not None:
            tenants = [self.instance.tenant]
        else:
            tenants = list(Tenant.objects.order_by("slug")[:TENANTS_ASKED])
        infos = [info for tenant in tenants for info in event_types.catalogue(tenant)]
        return sorted({name for info in infos for name in (info.family, info.name) if name})

    def policy(self) -> dict[str, Json]:
        """Return the retry policy in its JSON form; empty fields say nothing."""
        given = {key: self.cleaned_data.get(name) for key, name in RETRY_FIELDS.items()}
        return {key: value for key, value in given.items() if value not in (None, "", [])}

    def apply(self) -> Subscription:
        given = {name: self.cleaned_data[name] for name in PLAIN_FIELDS}
        fields = cast("SubscriptionFields", {**given, "retry_policy": self.policy()})
        try:
            if self.instance._state.adding:  # noqa: SLF001  # Django's API
                self.outcome = services.create_subscription(
                    self.instance.tenant,
                    fields,
                    actor=self.actor,
                    secret=self.cleaned_data.get("own_secret", ""),
                )
            else:
                stored = Subscription.objects.get(pk=self.instance.pk)
                self.outcome = services.update_subscription(stored, fields, actor=self.actor)
        except InvalidSubscriptionError as error:
            raise ValidationError(self._by_field(error.problems)) from error
        return self.outcome.subscription

    def _by_field(self, problems: tuple[Problem, ...]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for problem in problems:
            found.setdefault(self._field_of(problem.path), []).append(in_words(problem))
        return found

    def _field_of(self, path: str) -> str:
        head, _, rest = path.partition(".")
        name = head.partition("[")[0]
        if name == "retry_policy":
            name = RETRY_FIELDS.get(rest.partition("[")[0], "max_retries")
        name = {"secret": "own_secret"}.get(name, name)
        return name if name in self.fields else "__all__"


def in_words(problem: Problem) -> str:
    """Return a problem as one sentence that says where."""
    place = f" (line {problem.line}, column {problem.column})" if problem.line else ""
    inside = problem.path.partition("[")[2]
    number = inside.partition("]")[0]
    where = f"Line {int(number) + 1}: " if number.isdecimal() else ""
    return f"{where}{problem.message}{place}"
