"""Filtering by query parameters, none of which is ever ignored."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from core.api.exceptions import InvalidParameter, flatten

PAGING = frozenset({"limit", "cursor"})


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # django-filter is not typed
    """Refuse what a filter set does not know: a misspelled filter must not return everything.

    A view that reads further parameters by itself names them in ``query_parameters``; names that
    end in ``.`` stand for every parameter that starts so.
    """

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = set(PAGING) | set(getattr(view, "query_parameters", ()))
        if filterset is not None:
            known |= set(filterset.filters)
        self._refuse_unknown(request, known)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise InvalidParameter(
                "A query parameter is not valid.", details=list(flatten(filterset.errors))
            )
        filtered: QuerySet[Any] = filterset.qs
        return filtered

    def _refuse_unknown(self, request: Request, known: set[str]) -> None:
        starts = tuple(name for name in known if name.endswith("."))
        unknown = [
            name for name in request.query_params if name not in known and not name.startswith(starts)
        ]
        if unknown:
            raise InvalidParameter(
                f"Unknown query parameter: {unknown[0][:100]}. "
                f"This endpoint knows: {', '.join(sorted(known))}.",
                details={"path": unknown[0][:100]},
            )
