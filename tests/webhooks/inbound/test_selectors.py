"""Where something stands in a request."""

import json

import pytest

from core.types import Json
from webhooks.inbound import selectors
from webhooks.inbound.selectors import SelectorError

HEADERS = {"x-request-id": "r-1", "x-empty": ""}
BODY: Json = {
    "id": 7,
    "type": "order.paid",
    "live": True,
    "data": {"object": {"id": "pi_1"}, "list": [{"id": "a"}, {"id": "b"}]},
    "odd name!": "x",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("header:X-Request-Id", "r-1"),
        ("header:X-Empty", None),
        ("header:X-Other", None),
        ("body:id", "7"),
        ("body:type", "order.paid"),
        ("body:live", "true"),
        ("body:data.object.id", "pi_1"),
        ("body:data.list[1].id", "b"),
        ("body:data.list[2].id", None),
        ("body:data.list.id", None),
        ("body:data.object", None),
        ("body:nothing", None),
        ("body:type.more", None),
        ("order.shipped", "order.shipped"),
        ("body", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ],
)
def test_a_selector_finds_texts_and_numbers(text: str, found: str | None) -> None:
    selector = selectors.parse(text)

    assert selector is not None
    assert selector.find(HEADERS, b"", lambda: BODY) == found


def test_only_a_path_has_the_body_parsed() -> None:
    parsed = 0

    def parse() -> Json:
        nonlocal parsed
        parsed += 1
        return BODY

    for text in ("header:X-Request-Id", "body", "fixed", "body:id"):
        selector = selectors.parse(text)
        assert selector is not None
        selector.find(HEADERS, b"{}", parse)

    assert parsed == 1


def test_no_text_is_no_selector() -> None:
    assert selectors.parse("") is None


@pytest.mark.parametrize(
    "text",
    [
        "header:",
        "header:two words",
        "header:ä",
        "body:",
        "body:.id",
        "body:id.",
        "body:a..b",
        "body:a[x]",
        "body:a[1",
        "body:a b",
        "two words",
        "a\nb",
        "x" * 201,
    ],
)
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(SelectorError):
        selectors.parse(text)


def test_a_path_can_begin_with_a_list() -> None:
    selector = selectors.parse("body:[0].sg_event_id")

    assert selector is not None
    assert selector.find({}, b"", lambda: json.loads('[{"sg_event_id": "e"}]')) == "e"
