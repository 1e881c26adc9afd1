"""Verdicts that were found before a transaction, used inside it."""

from collections.abc import Mapping
from typing import Any

import phonenumbers
import pytest
from django.db import connection
from rest_framework.test import APIClient

from core.models import Tenant
from core.types import Actor, Json
from core.validation import Violation
from records import conformity, services
from records.conformity import Verdicts
from records.errors import InvalidRecordError
from records.models import RecordType
from tests.orders import order

ORDERS = "/api/v1/records/order"
LARGE_ORDERS: dict[str, Json] = {
    "type": "object",
    "properties": {"total": {"type": "number", "minimum": 6}},
}


def test_data_is_checked_once_for_each_content() -> None:
    asked: list[Mapping[str, Json]] = []

    def check(data: Mapping[str, Json]) -> tuple[Violation, ...]:
        asked.append(data)
        return ()

    verdicts = Verdicts()
    for data in ({"a": 1}, {"a": 1}, {"a": 2}):
        verdicts.of(check, data)

    assert asked == [{"a": 1}, {"a": 2}]


def test_verdict_on_another_definition_does_not_count(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    foreseen = conformity.foresee(order_type, [order("A-7", total=5)])
    services.update_record_type(tenant, "order", schema=LARGE_ORDERS, actor=actor)

    with pytest.raises(InvalidRecordError):
        services.create_record(
            tenant, "order", order("A-7", total=5), actor=actor, verdicts=foreseen
        )


@pytest.mark.usefixtures("order_type")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["create", "bulk", "replace", "merge"])
def test_nobody_waits_for_a_check_inside_the_transaction_of_an_idempotency_key(
    method: str,
    api: APIClient,
    tenant: Tenant,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = services.create_record(tenant, "order", order("A-1"), actor=actor)
    rules = [{"field": "phone", "type": "phone"}]
    services.update_record_type(tenant, "order", rules=rules, actor=actor)
    one, data = f"{ORDERS}/{record.id}", order("A-2", phone="+41446681800")
    send, path, body = {
        "create": (api.post, ORDERS, {"data": data}),
        "bulk": (api.post, f"{ORDERS}/bulk", {"records": [{"data": data}]}),
        "replace": (api.put, one, {"data": data}),
        "merge": (api.patch, one, {"data": {"phone": "+41446681800"}}),
    }[method]
    inside: list[bool] = []
    parse = phonenumbers.parse

    def noted(*args: Any) -> phonenumbers.PhoneNumber:
        inside.append(connection.in_atomic_block)
        return parse(*args)

    monkeypatch.setattr(phonenumbers, "parse", noted)
    answer = send(path, body, headers={"Idempotency-Key": "k-1"})

    assert answer.status_code < 300, answer.content
    assert inside == [False]
