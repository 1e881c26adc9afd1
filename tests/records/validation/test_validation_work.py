"""Checking data takes bounded time, whatever the schema and however many documents."""

from typing import Any

import pytest

from records.validation import compile_schema, limited_work


def codes(schema: Any, value: Any) -> list[str]:
    whole: dict[str, Any] = {"type": "object", "properties": {"a": schema}}
    return [each.code for each in compile_schema(whole).check({"a": value})]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"items": {"enum": [{"x": [n]} for n in range(4_000)]}}, [{"x": [3_999]}] * 3_000),
        (
            {"patternProperties": {f"(a|b)*{n}$": {} for n in range(500)}},
            {"ab" * 20 + str(n): 1 for n in range(1_000)},
        ),
        (
            {"items": {"anyOf": [{"pattern": f"(a|b)*{n}$"} for n in range(300)]}},
            ["ab" * 400] * 300,
        ),
    ],
    ids=["large options", "many patterns for many names", "many patterns for many texts"],
)
def test_what_one_keyword_does_many_times_over_is_counted(schema: Any, value: Any) -> None:
    assert codes(schema, value) == ["too_complex"]


def test_long_list_of_texts_out_of_many_is_checked() -> None:
    countries = [f"C{number}" for number in range(250)]

    assert codes({"items": {"enum": countries}}, countries * 40) == []
    assert codes({"items": {"enum": countries}}, ["C1", "c1"]) == ["in"]


def test_many_documents_share_one_limit() -> None:
    schema = compile_schema({"type": "object", "properties": {"a": {"type": "integer"}}})

    with limited_work(10):
        found = [[each.code for each in schema.check({"a": 1})] for _ in range(5)]

    assert found == [[], [], [], ["too_complex"], ["too_complex"]]
    assert schema.check({"a": 1}) == ()
