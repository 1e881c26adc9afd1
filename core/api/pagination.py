"""Paging by cursor: stable while rows are added, and as fast on the last page as on the first."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.timezone import make_naive
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core import strict_json
from core.api.exceptions import InvalidParameter

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR_LENGTH = 1000
MARK_LENGTH = 8
BY_NAME = "by-name"

Item = TypeVar("Item")


def invalid_cursor() -> InvalidParameter:
    """Return the answer to a cursor that cannot be used."""
    return InvalidParameter(
        "The cursor is not one that this endpoint gave out.",
        error="INVALID_CURSOR",
        details={"path": "cursor"},
    )


def encode_cursor(values: Sequence[Any]) -> str:
    """Return the opaque text for a place in an ordering."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(strict_json.dumps(plain)).decode().rstrip("=")


def decode_cursor(text: str, length: int) -> list[Any]:
    """Return the values behind a cursor; raise InvalidParameter unless it holds ``length``."""
    if len(text) > MAX_CURSOR_LENGTH:
        raise invalid_cursor()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = strict_json.loads(raw)
    except (binascii.Error, ValueError) as error:
        raise invalid_cursor() from error
    if not isinstance(values, list) or len(values) != length:
        raise invalid_cursor()
    if not all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
        raise invalid_cursor()
    return values


class CursorPagination(BasePagination):
    """``?limit=&cursor=`` → ``{"data": […], "next_cursor": …}``.

    A view names its order in ``ordering`` (fields with an optional ``-``, the last one unique);
    it defaults to newest first.
    """

    default_ordering = ("-id",)

    def paginate_queryset(  # type: ignore[override]  # lists of other kinds: paginate_by_name
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        ordering = tuple(getattr(view, "ordering", self.default_ordering))
        limit = self._limit(request)
        rows = queryset.order_by(*ordering)
        mark = self._mark(queryset, ordering)
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            given, *values = decode_cursor(cursor, 1 + len(ordering))
            if given != mark:
                raise invalid_cursor()
            rows = self._behind(rows, ordering, values)
        page = list(rows[: limit + 1])
        self.next_cursor = None
        if len(page) > limit:
            page = page[:limit]
            last = page[-1]
            place = [getattr(last, term.lstrip("-")) for term in ordering]
            self.next_cursor = encode_cursor([mark, *place])
        return page

    def paginate_by_name(self, items: Mapping[str, Item], request: Request) -> list[Item]:
        """Page through what is no table, in the order of its names."""
        limit = self._limit(request)
        after = ""
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            mark, after = decode_cursor(cursor, 2)
            if mark != BY_NAME or not isinstance(after, str):
                raise invalid_cursor()
        names = sorted(name for name in items if name > after)
        self.next_cursor = None
        if len(names) > limit:
            names = names[:limit]
            self.next_cursor = encode_cursor([BY_NAME, names[-1]])
        return [items[name] for name in names]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"data": data, "next_cursor": self.next_cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["data", "next_cursor"],
            "properties": {
                "data": schema,
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "Pass it as `cursor` for the next page; null on the last one.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "description": "How many to return.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_LIMIT,
                    "default": DEFAULT_LIMIT,
                },
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "The `next_cursor` of the page before.",
                "schema": {"type": "string", "maxLength": MAX_CURSOR_LENGTH},
            },
        ]

    def _limit(self, request: Request) -> int:
        text = request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_LIMIT):
            raise InvalidParameter(
                f"limit must be a whole number from 1 to {MAX_LIMIT}.", details={"path": "limit"}
            )
        return int(text)

    def _mark(self, rows: QuerySet[Any], ordering: Sequence[str]) -> str:
        """Return what tells this list's cursors from those of another one."""
        text = " ".join((rows.model._meta.label_lower, *ordering))  # noqa: SLF001  # Django's documented API
        return hashlib.sha256(text.encode()).hexdigest()[:MARK_LENGTH]

    def _behind(
        self, rows: QuerySet[Any], ordering: Sequence[str], values: Sequence[Any]
    ) -> QuerySet[Any]:
        """Return what comes after ``values``: (a > x) or (a = x and b > y) and so on."""
        condition = Q()
        equal = Q()
        for term, value in zip(ordering, values, strict=True):
            name = term.lstrip("-")
            field = cast("models.Field[Any, Any]", rows.model._meta.get_field(name))  # noqa: SLF001  # Django's documented API
            clean = self._clean(field, value)
            operator = "lt" if term.startswith("-") else "gt"
            condition |= equal & Q(**{f"{name}__{operator}": clean})
            equal &= Q(**{name: clean})
        return rows.filter(condition)

    def _clean(self, field: models.Field[Any, Any], value: Any) -> Any:
        try:
            clean = field.to_python(value)
            if isinstance(clean, datetime):
                # Naive moments, and those outside the calendar in UTC, are none of ours.
                return make_naive(clean, UTC).replace(tzinfo=UTC)
        except (ValidationError, TypeError, ValueError, OverflowError) as error:
            raise invalid_cursor() from error
        return clean
