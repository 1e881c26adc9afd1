"""Bodies and URLs that nobody means: a clear refusal, and nothing is written."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Event
from records.models import Record, RecordType
from tests.garbage import MALFORMED, MISSHAPEN, Garbage

WRITES = [
    ("POST", "/api/v1/record-types"),
    ("PUT", "/api/v1/record-types/order"),
    ("PATCH", "/api/v1/record-types/order"),
    ("POST", "/api/v1/records/order"),
    ("POST", "/api/v1/records/order/bulk"),
    ("PUT", "/api/v1/records/order/{id}"),
    ("PATCH", "/api/v1/records/order/{id}"),
]


@pytest.mark.parametrize("garbage", [*MALFORMED, *MISSHAPEN], ids=str)
@pytest.mark.parametrize(("method", "url"), WRITES)
def test_garbage_is_refused_and_changes_nothing(
    api: APIClient, stored: Record, method: str, url: str, garbage: Garbage
) -> None:
    body: Any = garbage.body

    answer = api.generic(method, url.format(id=stored.id), body, content_type=garbage.content_type)

    assert (answer.status_code, answer.json()["error"]) == (garbage.status, garbage.error)
    assert answer.json()["request_id"]
    assert Record.objects.get().data == stored.data
    assert RecordType.objects.get().updated_at == stored.type.updated_at
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "record-types/" + "a" * 5_000,
        "record-types/%00",
        "record-types/..%2F..%2Fetc",
        "records/" + "a" * 5_000,
        "records/order%00",
        "records/order/" + "rec_" * 1_000,
        "records/order/rec_%ED%A0%80",
        "records/order/rec_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "records/order/rec_00000000000000000000000000/",
        "records//",
        "records/order?updated_since=2026-13-45T99:99:99Z",
        "records/order?cursor=W10",
        "records/order?limit=1&limit=2",
        "records/order?key=%00",
        "records/order?data.number=%00",
        "records/order?data.%00=x",
        "changes?cursor=%F0%9F%98%80",
        "changes?cursor=a&cursor=b",
        "changes?since=%00",
    ],
)
def test_a_url_that_nobody_means_is_refused(api: APIClient, stored: Record, path: str) -> None:
    answer = api.get(f"/api/v1/{path}")

    assert answer.status_code in {400, 404}
    assert answer.json()["success"] is False


@pytest.mark.parametrize("value", ["\ud83d\ude00", "é" * 200, "'; DROP TABLE records_record; --"])
def test_odd_text_finds_nothing(api: APIClient, stored: Record, value: str) -> None:
    text = value.encode("utf-16", "surrogatepass").decode("utf-16")

    for name in ("key", "data.number", "data.note"):
        answer = api.get("/api/v1/records/order", {name: text})
        assert (answer.status_code, answer.json()["data"]) == (200, [])
