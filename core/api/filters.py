"""Filtering by query parameters, none of which is ever ignored."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import BaseInFilter, CharFilter, IsoDateTimeFilter, MultipleChoiceFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from core.api.exceptions import InvalidParameter, flatten
from core.event_names import is_name

PAGING = frozenset({"limit", "cursor"})
SHOWN_CHARACTERS = 100


def refuse_unknown(request: Request, known: Iterable[str], several: Iterable[str] = ()) -> None:
    """Raise InvalidParameter for a parameter that is unknown, empty, or there twice.

    A name in ``known`` that ends in ``.`` stands for every parameter that starts so. Those in
    ``several`` may be repeated.
    """
    names = set(known)
    starts = tuple(name for name in names if name.endswith("."))
    for name, values in request.query_params.lists():
        shown = name[:SHOWN_CHARACTERS]
        if name not in names and not name.startswith(starts):
            knows = f"knows: {', '.join(sorted(names))}" if names else "takes none"
            raise InvalidParameter(
                f"Unknown query parameter: {shown}. This endpoint {knows}.",
                details={"path": shown},
            )
        if len(values) > 1 and name not in several:
            raise InvalidParameter(f"Send {shown} once.", details={"path": shown})
        # An empty filter would be passed over and everything returned.
        if not all(values) and name in names - PAGING:
            raise InvalidParameter(
                f"Send a value for {shown}, or leave it out.", details={"path": shown}
            )


class MomentField(IsoDateTimeField):  # type: ignore[misc]  # django-filter is not typed
    """A moment in ISO 8601 that exists in UTC too; without an offset it is in UTC."""

    default_error_messages = {
        "invalid": "Send a moment such as 2026-03-07T10:30:00Z (a + must be written as %2B)."
    }

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], "invalid") from error


class MomentFilter(IsoDateTimeFilter):  # type: ignore[misc]
    """A filter by an ISO 8601 moment."""

    field_class = MomentField


class EventTypeField(forms.CharField):
    """The whole name of a type of event."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text and not is_name(text):
            raise ValidationError(
                "Write whole types, such as order.created; a star means something in"
                " subscriptions only.",
                "invalid",
            )
        return text


class EventTypeFilter(CharFilter):  # type: ignore[misc]
    """A filter by a type of event; what can name none is refused instead of finding nothing."""

    field_class = EventTypeField


class EventTypeListFilter(BaseInFilter, EventTypeFilter):  # type: ignore[misc]
    """Any of several types of events, separated by commas."""


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # django-filter is not typed
    """Refuse what a filter set does not know: a misspelled filter must not return everything.

    A view that reads further parameters by itself names them in ``query_parameters``; names that
    end in ``.`` stand for every parameter that starts so.
    """

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        filters: dict[str, Any] = filterset.filters if filterset is not None else {}
        several = {
            name for name, filter_ in filters.items() if isinstance(filter_, MultipleChoiceFilter)
        }
        known = {*PAGING, *getattr(view, "query_parameters", ()), *filters}
        refuse_unknown(request, known, several)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise InvalidParameter(
                "A query parameter is not valid.", details=list(flatten(filterset.errors))
            )
        filtered: QuerySet[Any] = filterset.qs
        return filtered
