"""``/changes``."""

import hashlib
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.exceptions import InvalidParameter
from core.api.filters import refuse_unknown
from core.api.pagination import (
    DEFAULT_LIMIT,
    MAX_CURSOR_LENGTH,
    MAX_LIMIT,
    decode_cursor,
    encode_cursor,
    invalid_cursor,
)
from core.api.views import TenantView
from core.models import Tenant
from records import feed
from records.api import examples, parameters
from records.api.filters import slugs_of
from records.api.refusals import refusals
from records.api.serializers import ChangePageSerializer

KIND = "changes"
MARK_LENGTH = 12

DESCRIPTION = """Every creation, change and deletion of a record, in the order of the tenant's log:
nothing is missed and nothing comes twice, however many are writing.

Start with neither `cursor` nor `since` to read from the beginning of what is kept, or with `since`
to read from a moment. Go on with `next_cursor`, which is always given: at once while `has_more` is
true, later when it is false.

`since` errs on the safe side. It starts up to five minutes early, because clocks differ and a change
carries the moment of its writing, not of its commit; so the first page may repeat what you know.

For a full copy: ask for `since` the present moment and keep `next_cursor`; copy `/records`; then go
on from that cursor.

A cursor goes on working when `type` changes, but never returns to what it has passed."""


class ChangesView(TenantView):
    """The feed of changes."""

    read_scope = "records:read"
    write_scope = "records:write"

    @extend_schema(
        operation_id="list_changes",
        summary="Read what has changed",
        description=DESCRIPTION,
        responses={200: ChangePageSerializer, 410: parameters.CURSOR_EXPIRED},
        examples=[examples.CHANGES],
        parameters=[
            OpenApiParameter(
                "cursor",
                {"type": "string", "maxLength": MAX_CURSOR_LENGTH},
                description="The `next_cursor` of the last answer.",
            ),
            OpenApiParameter(
                "since", datetime, description="Start at this moment; not together with a cursor."
            ),
            OpenApiParameter("type", str, description="Record types, separated by commas."),
            OpenApiParameter(
                "limit",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_LIMIT,
                    "default": DEFAULT_LIMIT,
                },
                description="How many to return.",
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """Answer one page of the feed."""
        refuse_unknown(request, ["cursor", "since", "type", "limit"])
        with refusals():
            page = feed.read(
                self.tenant, self._position(), limit=self._limit(), types=self._types()
            )
        body = {
            "data": page.changes,
            "next_cursor": encode_cursor([KIND, mark_of(self.tenant), page.position]),
            "has_more": page.has_more,
        }
        return Response(ChangePageSerializer(body).data)

    def _position(self) -> int:
        """Return the position behind which to read."""
        cursor = self.request.query_params.get("cursor")
        since = self.request.query_params.get("since")
        if cursor is not None and since is not None:
            raise InvalidParameter("Send either cursor or since.", details={"path": "since"})
        if cursor is not None:
            return position_of(cursor, self.tenant)
        if since is not None:
            return feed.position_at(self.tenant, _moment(since), now=timezone.now())
        return feed.beginning(self.tenant)

    def _limit(self) -> int:
        text = self.request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_LIMIT):
            raise InvalidParameter(
                f"limit must be a whole number from 1 to {MAX_LIMIT}.", details={"path": "limit"}
            )
        return int(text)

    def _types(self) -> list[str]:
        text = self.request.query_params.get("type")
        try:
            return [] if text is None else slugs_of(text)
        except ValidationError as error:
            raise InvalidParameter(error.messages[0], details={"path": "type"}) from error


def mark_of(tenant: Tenant) -> str:
    """Return what tells a tenant's cursors from another's; it gives nothing away."""
    return hashlib.sha256(f"{KIND} {tenant.id}".encode()).hexdigest()[:MARK_LENGTH]


def position_of(cursor: str, tenant: Tenant) -> int:
    """Return the position in a cursor that was given to ``tenant`` by this feed."""
    kind, mark, position = decode_cursor(cursor, 3)
    if kind != KIND or mark != mark_of(tenant) or not isinstance(position, int) or position < 0:
        raise invalid_cursor()
    return position


def _moment(text: str) -> datetime:
    try:
        moment: datetime = serializers.DateTimeField(default_timezone=UTC).to_internal_value(text)
        # A moment of the first or last day of the calendar may not exist in UTC.
        return max(moment.astimezone(UTC), datetime(1970, 1, 1, tzinfo=UTC))
    except (serializers.ValidationError, OverflowError) as error:
        raise InvalidParameter(
            "since must be a moment such as 2026-03-07T10:30:00Z (a + must be written as %2B).",
            details={"path": "since"},
        ) from error
