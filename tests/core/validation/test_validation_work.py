"""Checking data takes bounded time, whatever the schema and however many documents."""

from typing import Any

import pytest

from core.validation import compile_schema, limited_work


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


def test_what_the_library_does_pairwise_or_at_length_is_counted() -> None:
    names = [f"x{number}" for number in range(3_000)]
    nobody = {"prefixItems": [{"type": "integer"}] * 50}

    assert codes({"allOf": [{"uniqueItems": True}] * 90}, [[n] for n in range(9_000)]) == [
        "too_complex"
    ]
    assert codes({"allOf": [nobody], "unevaluatedItems": False}, [1] * 30_000) == ["too_complex"]
    assert (
        codes({"items": {"allOf": [{"required": names}] * 2}}, [dict.fromkeys(names, 1)] * 60) == []
    )
    assert codes({"items": {"allOf": [{"const": names}] * 2}}, [names] * 90) == ["too_complex"]


def test_each_new_state_of_a_pattern_is_counted() -> None:
    pattern = "(a|b)*a(a|b){200}c"
    texts = [f"{number:020b}".replace("0", "a").replace("1", "b") * 20 for number in range(3_000)]

    assert codes({"items": {"pattern": pattern}}, texts) == ["too_complex"]


def test_look_up_of_phone_numbers_is_counted() -> None:
    phone = {"allOf": [{"format": "phone"}] * 5}

    assert codes({"items": phone}, ["+34912345678"] * 50) == []
    assert codes({"items": phone}, ["+34912345678"] * 5_000) == ["too_complex"]
