"""How the logs of what is sent and received can be narrowed down."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django_filters import BaseInFilter, CharFilter, ChoiceFilter
from django_filters.rest_framework import FilterSet

from core.api.filters import EventTypeListFilter, MomentFilter
from core.ids import decode
from webhooks.models import Delivery, Message, Refusal


class IdField(forms.CharField):
    """The text of an id of one kind."""

    def __init__(self, *, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text:
            try:
                decode(self.prefix, text)
            except ValueError as error:
                raise ValidationError(f"{error}.", "invalid_id") from error
        return text


class IdFilter(CharFilter):  # type: ignore[misc]  # django-filter is not typed
    """A filter by an id; one of another kind is refused instead of finding nothing."""

    field_class = IdField


class ChoiceListFilter(BaseInFilter, ChoiceFilter):  # type: ignore[misc]
    """Any of several choices, separated by commas."""


class DeliveryFilter(FilterSet):  # type: ignore[misc]
    """How the log of deliveries can be narrowed down."""

    subscription = IdFilter(prefix="sub")
    event = IdFilter(prefix="evt")
    event_type = EventTypeListFilter(
        "event__type", lookup_expr="in", help_text="One or more types, separated by commas."
    )
    state = ChoiceListFilter(
        choices=Delivery.State.choices,
        help_text="One or more states, separated by commas: pending,dead is what has not arrived.",
    )
    since = MomentFilter(
        "created_at", lookup_expr="gte", help_text="Owed at or after this moment (ISO 8601)."
    )
    until = MomentFilter(
        "created_at", lookup_expr="lt", help_text="Owed before this moment (ISO 8601)."
    )

    class Meta:
        model = Delivery
        fields: list[str] = []


class MessageFilter(FilterSet):  # type: ignore[misc]  # django-filter is not typed
    """How the log of messages can be narrowed down."""

    endpoint = IdFilter(prefix="ept")
    state = ChoiceListFilter(
        choices=Message.State.choices,
        help_text="One or more states, separated by commas: failed is what became no event.",
    )
    event_type = EventTypeListFilter(
        lookup_expr="in", help_text="One or more types, separated by commas."
    )
    since = MomentFilter(
        "received_at", lookup_expr="gte", help_text="Received at or after this moment (ISO 8601)."
    )
    until = MomentFilter(
        "received_at", lookup_expr="lt", help_text="Received before this moment (ISO 8601)."
    )

    class Meta:
        model = Message
        fields: list[str] = []


class RefusalFilter(FilterSet):  # type: ignore[misc]  # django-filter is not typed
    """How the log of refusals can be narrowed down."""

    endpoint = IdFilter(prefix="ept")
    since = MomentFilter(
        "last_at", lookup_expr="gte", help_text="Refused at or after this moment (ISO 8601)."
    )
    until = MomentFilter(
        "first_at", lookup_expr="lt", help_text="Refused before this moment (ISO 8601)."
    )

    class Meta:
        model = Refusal
        fields: list[str] = []
