"""Paging by cursor: every row once, and no cursor but our own."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from core.api.pagination import CursorPagination, encode_cursor
from core.models import Event, Tenant
from tests.makers import make_event, make_event_type, make_tenant

START = datetime(2026, 3, 1, tzinfo=UTC)


class ByMoment:
    """A view whose order has ties, upwards."""

    ordering = ("occurred_at", "id")


class ByMomentDown:
    """A view whose order has ties, downwards and upwards."""

    ordering = ("-occurred_at", "id")


def pages(view: object, rows: models.QuerySet[Event], limit: int) -> list[list[str]]:
    """Return the ids on every page, following the cursors."""
    found: list[list[str]] = []
    cursor = None
    while cursor is not None or not found:
        parameters = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        request = Request(APIRequestFactory().get("/", parameters))
        pagination = CursorPagination()
        found.append([row.id for row in pagination.paginate_queryset(rows, request, view)])
        cursor = pagination.get_paginated_response(None).data["next_cursor"]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("view", [ByMoment(), ByMomentDown(), object()], ids=["up", "down", "new"])
@settings(max_examples=15, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 5), max_size=25),
    limit=st.integers(1, 200),
)
def test_paging_gives_every_row_once_in_order(view: object, seconds: list[int], limit: int) -> None:
    tenant = make_tenant(f"tenant-{Tenant.objects.count()}")
    for second in seconds:
        make_event(tenant, occurred_at=START + timedelta(seconds=second))
    rows = Event.objects.for_tenant(tenant)

    found = pages(view, rows, limit)

    ordering = getattr(view, "ordering", ("-id",))
    assert list(chain.from_iterable(found)) == list(
        rows.order_by(*ordering).values_list("id", flat=True)
    )
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)


def test_rows_added_in_the_meantime_shift_nothing(tenant: Tenant, api: APIClient) -> None:
    old = [make_event(tenant).id for _ in range(6)]
    seen: list[str] = []
    url = "/api/v1/events?limit=2"

    while True:
        page = api.get(url).json()
        seen += [event["id"] for event in page["data"]]
        make_event(tenant)
        if page["next_cursor"] is None:
            break
        url = f"/api/v1/events?limit=2&cursor={page['next_cursor']}"

    assert seen == old[::-1]


def test_catalogue_is_paged_by_name(tenant: Tenant, api: APIClient) -> None:
    for number in range(5):
        make_event_type(tenant, f"thing.happened_{number}")
    seen: list[str] = []
    cursor = ""

    while True:
        page = api.get(f"/api/v1/event-types?limit=2{cursor}").json()
        seen += [info["name"] for info in page["data"] if info["source"] == "custom"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == [f"thing.happened_{number}" for number in range(5)]


def cursor_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "%%%",
        "🦄",
        "=" * 10,
        "A" * 999,
        "A" * 100_000,
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 500).decode(),
        cursor_of(),
        cursor_of("mark"),
        cursor_of("mark", "evt_01jd3k8x5rf0bv6zq2n9y4t7hm"),
        cursor_of({"mark": 1}, None),
        cursor_of(None, None),
        encode_cursor(["by-name", "order.created"]),
    ],
)
def test_foreign_cursor_is_refused(cursor: str, api: APIClient) -> None:
    response = api.get("/api/v1/events", {"cursor": cursor})

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_CURSOR"


@pytest.mark.parametrize(
    "value", [1, -1, 2**63 - 1, "", "evt_", "key_01jd3k8x5rf0bv6zq2n9y4t7hm", "2026-01-01", "\x7f"]
)
def test_cursor_with_our_mark_and_a_forged_place_is_refused(
    value: object, tenant: Tenant, api: APIClient
) -> None:
    make_event(tenant)
    make_event(tenant)
    real = api.get("/api/v1/events?limit=1").json()["next_cursor"]
    mark = json.loads(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))[0]

    response = api.get("/api/v1/events", {"cursor": cursor_of(mark, value)})

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_CURSOR"


@pytest.mark.parametrize(
    "moment",
    [
        7,
        "never",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-99-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_cursor_with_a_forged_moment_is_refused(moment: object, tenant: Tenant) -> None:
    make_event(tenant)
    mark = CursorPagination()._mark(Event.objects.all(), ByMoment.ordering)
    cursor = cursor_of(mark, moment, "evt_01jd3k8x5rf0bv6zq2n9y4t7hm")
    request = Request(APIRequestFactory().get("/", {"cursor": cursor}))

    with pytest.raises(APIException) as raised:
        CursorPagination().paginate_queryset(Event.objects.all(), request, ByMoment())

    assert raised.value.status_code == 400


def test_cursor_of_another_list_is_refused(tenant: Tenant, api: APIClient) -> None:
    cursor = api.get("/api/v1/api-keys?limit=1").json()["next_cursor"]
    for _ in range(2):
        make_event(tenant)
    events = api.get("/api/v1/events?limit=1").json()["next_cursor"]

    response = api.get(f"/api/v1/api-keys?cursor={events}")

    assert cursor is None
    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_CURSOR"


@pytest.mark.parametrize(
    "limit", ["0", "-1", "201", "1.5", "ten", "", "٣", "1e2", "9" * 5000, " 5", "0x10"]
)
def test_limit_is_a_number_from_1_to_200(limit: str, api: APIClient) -> None:
    response = api.get("/api/v1/events", {"limit": limit})

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_PARAMETER"
    assert response.json()["details"] == {"path": "limit"}


def test_empty_cursor_is_no_cursor_of_ours(api: APIClient) -> None:
    response = api.get("/api/v1/events?cursor=")

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_CURSOR"


@pytest.mark.parametrize(
    "query",
    ["type=", "limit=1&limit=2", "typo=1", "type=a.b&type=c.d", "cursor=a&cursor=b", "page=2"],
)
def test_unknown_or_repeated_parameter_is_refused(query: str, api: APIClient) -> None:
    response = api.get(f"/api/v1/events?{query}")

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_PARAMETER"
