"""Paging by cursor: stable while rows are added, and as fast on the last page as on the first."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core import strict_json
from core.api.exceptions import InvalidParameter

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR_LENGTH = 1000


def encode_cursor(values: Sequence[Any]) -> str:
    """Return the opaque text for a place in an ordering."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(strict_json.dumps(plain)).decode().rstrip("=")


def decode_cursor(text: str, length: int) -> list[Any]:
    """Return the values behind a cursor; raise InvalidParameter unless it holds ``length``."""
    error = InvalidParameter(
        "The cursor is not one that this endpoint gave out.",
        error="INVALID_CURSOR",
        details={"path": "cursor"},
    )
    if len(text) > MAX_CURSOR_LENGTH:
        raise error
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = strict_json.loads(raw)
    except (binascii.Error, ValueError) as exc:
        raise error from exc
    if not isinstance(values, list) or len(values) != length:
        raise error
    if not all(isinstance(value, str | int) for value in values):
        raise error
    return values


class CursorPagination(BasePagination):
    """``?limit=&cursor=`` → ``{"data": […], "next_cursor": …}``.

    A view names its order in ``ordering`` (fields with an optional ``-``, the last one unique);
    it defaults to newest first.
    """

    default_ordering = ("-id",)

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        ordering = tuple(getattr(view, "ordering", self.default_ordering))
        limit = self._limit(request)
        rows = queryset.order_by(*ordering)
        if cursor := request.query_params.get("cursor"):
            rows = self._behind(rows, ordering, decode_cursor(cursor, len(ordering)))
        page = list(rows[: limit + 1])
        self.next_cursor = None
        if len(page) > limit:
            page = page[:limit]
            last = page[-1]
            self.next_cursor = encode_cursor([getattr(last, f.lstrip("-")) for f in ordering])
        return page

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

    def _behind(
        self, rows: QuerySet[Any], ordering: Sequence[str], values: Sequence[Any]
    ) -> QuerySet[Any]:
        """Return what comes after ``values``: (a > x) or (a = x and b > y) and so on."""
        condition = Q()
        equal = Q()
        try:
            for term, value in zip(ordering, values, strict=True):
                name = term.lstrip("-")
                field = cast("models.Field[Any, Any]", rows.model._meta.get_field(name))
                clean = field.to_python(value)
                operator = "lt" if term.startswith("-") else "gt"
                condition |= equal & Q(**{f"{name}__{operator}": clean})
                equal &= Q(**{name: clean})
        except (ValidationError, FieldDoesNotExist, ValueError, OverflowError) as exc:
            raise InvalidParameter(
                "The cursor is not one that this endpoint gave out.",
                error="INVALID_CURSOR",
                details={"path": "cursor"},
            ) from exc
        return rows.filter(condition)
