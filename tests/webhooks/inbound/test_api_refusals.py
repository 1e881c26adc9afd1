"""Refusals over the API."""

import json
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Tenant
from tests.endpoints import PUSH, make_endpoint, post, push, signed
from tests.inbound import make_own_endpoint, make_refusal
from tests.makers import make_actor
from webhooks import services
from webhooks.models import Refusal

REFUSALS = "/api/v1/webhooks/refusals"


def ids_of(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [row["id"] for row in answer.json()["data"]]


def test_refusal_shows_how_many_there_were_and_the_first_of_them(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_own_endpoint(tenant)
    for _ in range(3):
        push(endpoint, secret="another secret altogether")

    (row,) = api.get(REFUSALS).json()["data"]
    shown = api.get(f"{REFUSALS}/{row['id']}").json()

    assert (row["endpoint"], row["reason"], row["count"]) == (endpoint.id, "wrong_signature", 3)
    assert row["explanation"] == "No signature matches any of the secrets"
    assert (row["method"], row["path"]) == ("POST", f"/in/acme/{endpoint.path}")
    assert {name: shown.pop(name) for name in row} == row
    assert json.loads(shown["body"]) == PUSH
    assert {"name": "x-hub-signature-256", "value": "••••••"} in shown["headers"]
    assert set(shown) == {"body", "headers"}


def test_secret_that_was_refused_before_it_was_entered_is_not_shown(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(
        tenant, scheme="microsoft_graph", path="graph", secret="the-first-state"
    )
    notice = b'{"value": [{"changeType": "updated"}]}'
    post(endpoint, signed(endpoint, notice, secret="the-next-state"))
    refusal = Refusal.objects.get()
    assert "the-next-state" in refusal.body

    services.replace_endpoint_secret(endpoint, actor=make_actor(), secret="the-next-state")
    shown = api.get(f"{REFUSALS}/{refusal.id}").json()

    assert json.loads(shown["body"])["value"] == [
        {"changeType": "updated", "clientState": "••••••"}
    ]


def test_refusals_are_listed_by_hour_and_narrowed_down(api: APIClient, tenant: Tenant) -> None:
    late, early = make_refusal(tenant), make_refusal(tenant)
    then = late.hour - timedelta(hours=3)
    Refusal.objects.filter(pk=early.pk).update(hour=then, first_at=then, last_at=then)
    between = (then + timedelta(hours=1)).isoformat()

    lists = [
        ids_of(api.get(REFUSALS, query))
        for query in (
            {},
            {"endpoint": early.endpoint_id},
            {"since": between},
            {"until": between},
        )
    ]

    assert lists == [[late.id, early.id], [early.id], [late.id], [early.id]]
    first = api.get(REFUSALS, {"limit": 1}).json()
    assert ids_of(api.get(REFUSALS, {"cursor": first["next_cursor"]})) == [early.id]


def test_stranger_sees_no_refusal(tenant: Tenant, stranger_api: APIClient) -> None:
    refusal = make_refusal(tenant)

    answers = [stranger_api.get(REFUSALS), stranger_api.get(f"{REFUSALS}/{refusal.id}")]

    assert answers[0].json()["data"] == []
    assert answers[1].status_code == 404


@pytest.mark.parametrize("query", [{"endpoint": "code"}, {"until": ""}, {"reason": "wrong"}])
def test_filter_that_cannot_be_is_refused(api: APIClient, query: dict[str, str]) -> None:
    answer = api.get(REFUSALS, query)

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER")
