"""The replay of sequences finds what is not as expected."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scim.sequences.replaying import (
    MEDIA_TYPE,
    Answer,
    Asked,
    MismatchError,
    Nothing,
    asked,
    at,
    filled,
    replay,
    step,
)

FOUND = Answer(
    status=200, content_type=MEDIA_TYPE, body={"id": "u1", "active": True, "emails": [{"value": 7}]}
)


def reading(**expect: Any) -> dict[str, Any]:
    return {
        "title": "reads",
        "request": {"method": "GET", "path": "/Users/u1"},
        "expect": {"status": 200, **expect},
    }


def test_a_captured_value_is_put_into_all_that_follows() -> None:
    sent: list[Asked] = []
    first = {**reading(), "capture": {"ann": "/id"}}
    second = {
        **reading(body={"/id": "{{ann}}"}),
        "request": {
            "method": "PATCH",
            "path": "/Users/{{ann}}",
            "query": {"flag": None, "filter": 'id eq "{{ann}}"'},
            "body": {"path": 'members[value eq "{{ann}}"]', "count": 1},
        },
    }

    def send(request: Asked) -> Answer:
        sent.append(request)
        return FOUND

    captured = replay([step(first), step(second)], send)

    assert captured == {"ann": "u1"}
    assert sent[1] == Asked(
        method="PATCH",
        path="/Users/u1?flag&filter=id+eq+%22u1%22",
        body={"path": 'members[value eq "u1"]', "count": 1},
    )


@pytest.mark.parametrize(
    ("expect", "answer", "said"),
    [
        ({"status": [201, 204]}, FOUND, "the status is 200, not one of [201, 204]"),
        ({"body": {"/id": "u2"}}, FOUND, "/id is 'u1', not 'u2'"),
        ({"body": {"/active": 1}}, FOUND, "/active is True, not 1"),
        ({"body": {"/emails/#": 2}}, FOUND, "/emails/# is 1, not 2"),
        ({"body": {"/emails/0/value": None}}, FOUND, "/emails/0/value is 7, not None"),
        ({"body": {"/title": None}}, FOUND, "/title is nothing, not None"),
        ({"absent": ["/emails/0"]}, FOUND, "/emails/0 is there"),
        (
            {},
            Answer(status=200, content_type="application/json", body={}),
            "the content type is application/json",
        ),
        (
            {"status": 204},
            Answer(status=204, content_type="", body={}),
            "an answer without content has a body",
        ),
        (
            {"status": 404},
            Answer(status=404, content_type=MEDIA_TYPE, body={"status": 404}),
            "the error has not the schema of errors; the error has another status than the answer",
        ),
    ],
)
def test_what_is_not_as_expected_is_told(
    expect: Mapping[str, Any], answer: Answer, said: str
) -> None:
    with pytest.raises(MismatchError) as raised:
        replay([step(reading(**expect))], lambda request: answer)

    assert str(raised.value) == f"step 1, reads: {said}; {answer}"


def test_an_answer_without_content_need_not_hold_the_facts() -> None:
    answer = Answer(status=204, content_type=MEDIA_TYPE)
    expected = step(reading(status=[200, 204], body={"/id": "u1"}))

    assert replay([expected], lambda request: answer) == {}


def test_a_pointer_leads_through_names_with_slashes_and_colons() -> None:
    body = {"urn:example:2.0:User": {"a/b": [{"~": "deep"}]}}

    assert at(body, "/urn:example:2.0:User/a~1b/0/~0") == "deep"
    assert isinstance(at(body, "/urn:example:2.0:User/a~1b/1"), Nothing)


def test_a_text_that_is_one_name_becomes_its_value() -> None:
    assert filled(
        {"meta": "{{meta}}", "{{name}}": ["{{name}}!"]}, {"meta": {"v": 1}, "name": "n"}
    ) == {
        "meta": {"v": 1},
        "n": ["n!"],
    }


def test_a_name_that_nothing_was_captured_by_is_no_text() -> None:
    with pytest.raises(KeyError):
        asked({"method": "GET", "path": "/Users/{{nobody}}"}, {})
