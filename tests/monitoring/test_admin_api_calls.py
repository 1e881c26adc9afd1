"""The log of API calls in the admin."""

from typing import Any

import pytest
from django.test import Client

from core.models import Tenant
from monitoring.models import ApiCall
from tests.staff import page_of


def log(tenant: Tenant | None, method: str, path: str, status: int, route: str = "") -> ApiCall:
    call: ApiCall = ApiCall.objects.create(
        tenant=tenant, method=method, path=path, status_code=status, route=route, duration_ms=4
    )
    return call


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["PATCH", "GET", "POST", "GET"]),
        ({"status": "2"}, ["GET", "POST"]),
        ({"status": "4"}, ["GET"]),
        ({"status": "5"}, ["PATCH"]),
        ({"method": "POST"}, ["POST"]),
        ({"route": "api/v1/me"}, ["GET"]),
        ({"tenant": "acme"}, ["PATCH", "GET", "POST"]),
        ({"since": "1h", "status": "4"}, ["GET"]),
        ({"q": "/api/v1/rec"}, ["PATCH", "POST"]),
        ({"status": "9", "since": "never"}, ["PATCH", "GET", "POST", "GET"]),
    ],
)
def test_calls_are_narrowed_by_what_matters(
    operator: Client, tenant: Tenant, query: dict[str, Any], expected: list[str]
) -> None:
    log(None, "GET", "/api/v1/changes", 401)
    log(tenant, "POST", "/api/v1/records/order", 201)
    log(tenant, "GET", "/api/v1/me", 200, "api/v1/me")
    log(tenant, "PATCH", "/api/v1/records/order/1", 500)

    rows = operator.get(page_of(ApiCall, "changelist"), query).context["cl"].result_list

    assert sorted(row.method for row in rows) == sorted(expected)
