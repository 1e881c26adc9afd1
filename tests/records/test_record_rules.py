from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.validation import ValidationSetupError, Violation
from records.rules import RuleError, compile_rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b"]) | st.text(), inner),
)

KEYS = "field, type, format, validator, required, message"
WRITE_A_FIELD = "write keys joined by dots, such as user.email or items[].sku"
PHONE_FORMATS = '"international" or a country in two capitals, such as "ES"'


def found(rule: dict[str, Any], data: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each.path, each.code, each.message) for each in compile_rules([rule]).check(data)]


def test_rules_in_the_documented_notation_are_followed() -> None:
    rules = compile_rules(
        [
            {"field": "member.mail", "type": "email", "required": True},
            {"field": "member.mobile", "type": "phone", "format": "international"},
            {"field": "member.age", "validator": "min:18", "message": "Members are adults"},
        ]
    )

    wrong = rules.check({"member": {"mobile": "0041 44 668 18 00", "age": 17}})
    right = rules.check({"member": {"mail": "a@example.com", "mobile": "+41446681800", "age": 18}})

    assert right == ()
    assert wrong == (
        Violation(path="member.age", code="min", message="Members are adults"),
        Violation(path="member.mail", code="required", message="is required"),
        Violation(
            path="member.mobile",
            code="phone",
            message="must be an international phone number such as +34912345678",
        ),
    )


@pytest.mark.parametrize("record_type", ["member", "Member"])
def test_a_first_step_that_names_the_record_type_means_the_record(record_type: str) -> None:
    rules = compile_rules([{"field": "member.mail", "required": True}], record_type=record_type)

    violations = rules.check({})

    assert [violation.path for violation in violations] == ["mail"]


@pytest.mark.parametrize(
    ("field", "path"),
    [("items", "items"), ("items.items", "items"), ("items[].sku", "items[0].sku")],
)
def test_a_field_called_like_the_record_type_can_still_be_named(field: str, path: str) -> None:
    rules = compile_rules([{"field": field, "required": True}], record_type="items")

    violations = rules.check({"items": [{}]} if "[]" in field else {})

    assert [violation.path for violation in violations] == [path]


@pytest.mark.parametrize(
    ("field", "data", "expected"),
    [
        ("a.b", {}, [("a.b", "required")]),
        ("a.b", {"a": None}, [("a.b", "required")]),
        ("a.b", {"a": {"b": None}}, [("a.b", "required")]),
        ("a.b", {"a": {"b": " \t"}}, [("a.b", "required")]),
        ("a.b", {"a": {"b": 0}}, []),
        ("a.b", {"a": {"b": []}}, []),
        ("a.b", {"a": "text"}, [("a", "object")]),
        ("a.b", {"a": [{"b": 1}]}, [("a", "object")]),
        ("a[].b", {}, []),
        ("a[].b", {"a": []}, []),
        ("a[].b", {"a": {"b": 1}}, [("a", "list")]),
        ("a[].b", {"a": [{"b": 1}, {}, 3]}, [("a[1].b", "required"), ("a[2]", "object")]),
        ("a[]", {"a": [1, None]}, [("a[1]", "required")]),
        ("a[][].b", {"a": [[{}], []]}, [("a[0][0].b", "required")]),
        ("['a.b'][].c", {"a.b": [{}]}, [("['a.b'][0].c", "required")]),
        (r"a['it\'s']", {"a": {}}, [(r"a['it\'s']", "required")]),
    ],
)
def test_a_required_field_is_found_wherever_it_belongs(
    field: str, data: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    violations = found({"field": field, "required": True}, data)

    assert [(path, code) for path, code, _ in violations] == expected


@pytest.mark.parametrize("validator", ["email", "min:18", "in:a,b", "min_length:1", "boolean"])
def test_a_field_that_is_absent_is_only_checked_for_being_required(validator: str) -> None:
    rule = {"field": "a", "validator": validator}

    assert found(rule, {}) == []
    assert found(rule, {"a": None}) == []
    assert found({"field": "a", "validator": f"{validator}|required"}, {}) == [
        ("a", "required", "is required")
    ]


@pytest.mark.parametrize(
    ("validator", "accepted", "refused", "code", "message"),
    [
        ("min:18", [18, 18.5, 2**60], [17, 17.99], "min", "must be at least 18"),
        ("min:-1.5", [-1.5, 0], [-2], "min", "must be at least -1.5"),
        ("min:1", [1], ["1", True, [1]], "number", "must be a number"),
        ("max:120", [120, -5], [121, 120.01], "max", "must be at most 120"),
        ("between:1, 2.5", [1, 2.5], [0, 2.6], "between", "must be from 1 to 2.5"),
        (
            "min_length:2",
            ["ab", "😀😀"],
            ["a", ""],
            "min_length",
            "must have at least 2 characters",
        ),
        ("min_length:1", [[0]], [[]], "min_length", "must have at least 1 element"),
        ("max_length:2", ["ab", []], ["abc"], "max_length", "must have at most 2 characters"),
        ("max_length:2", [[1, 2]], [5, {}], "type", "must be text or a list"),
        ("in:a, b,1,true", ["a", "b", "1", 1, 1.0, True], ["c", 2, False, []], "in", None),
        ("not_in:test,1", ["a", 2], ["test", 1, 1.0], "not_in", "must not be one of: test, 1"),
        ("regex:^(a|b)$", ["a", "b"], ["c", "ab", 1], "regex", 'must match the pattern "^(a|b)$"'),
        ("integer", [1, 1.0, -(2**63)], [1.5, "1", True], "integer", "must be a whole number"),
        ("number", [1, 1.5], ["1", False], "number", "must be a number"),
        ("boolean", [True, False], [0, "true"], "boolean", "must be true or false"),
        ("string", ["", "a"], [1, []], "string", "must be text"),
        ("object", [{}], [[], "{}"], "object", "must be an object"),
        ("list", [[]], [{}, "[]"], "list", "must be a list"),
        ("integer|min:18|max:120", [18, 120], [17], "min", "must be at least 18"),
        ("string|regex:^a|b$", ["ax", "xb"], ["x"], "regex", 'must match the pattern "^a|b$"'),
    ],
)
def test_each_validator_accepts_and_refuses(
    validator: str, accepted: list[Any], refused: list[Any], code: str, message: str | None
) -> None:
    rule = {"field": "a", "validator": validator}
    sentence = message or "must be one of: a, b, 1, true"

    for value in accepted:
        assert found(rule, {"a": value}) == []
    for value in refused:
        assert found(rule, {"a": value}) == [("a", code, sentence)]


def test_a_country_gives_phone_numbers_their_meaning() -> None:
    rule = {"field": "a", "type": "phone", "format": "ES"}

    assert found(rule, {"a": "912 34 56 78"}) == []
    assert found(rule, {"a": "+41 44 668 18 00"}) == []
    assert [code for _, code, _ in found(rule, {"a": "12"})] == ["phone"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("min:18", 'Rule 2: write an object such as {"field": "email", "type": "email"}'),
        ({}, 'Rule 2: give the "field" it is about, such as "user.email"'),
        ({"field": 7}, 'Rule 2: give the "field" it is about, such as "user.email"'),
        (
            {"field": "a..b", "type": "email"},
            f'Rule 2 (a..b): "a..b" is not a field; {WRITE_A_FIELD}',
        ),
        (
            {"field": "a"},
            'Rule 2 (a): it checks nothing; give a "type", a "validator" or "required": true',
        ),
        (
            {"field": "a", "Type": "email"},
            f'Rule 2 (a): the key "Type" is unknown; the keys are {KEYS}',
        ),
        (
            {"field": "a", "type": "e-mail"},
            'Rule 2 (a): there is no type "e-mail"; did you mean "email"?',
        ),
        ({"field": "a", "type": 1}, 'Rule 2 (a): "type" is a name such as "email"'),
        (
            {"field": "a", "validator": "minn:18"},
            'Rule 2 (a): there is no validator "minn"; did you mean "min"?',
        ),
        (
            {"field": "a", "validator": "min:old"},
            'Rule 2 (a): "min:old" cannot be read; write it like "min:18"',
        ),
        (
            {"field": "a", "validator": "min"},
            'Rule 2 (a): "min" cannot be read; write it like "min:18"',
        ),
        (
            {"field": "a", "validator": "between:5,1"},
            'Rule 2 (a): "between:5,1" cannot be read; write it like "between:18,120"',
        ),
        (
            {"field": "a", "validator": "max_length:-1"},
            'Rule 2 (a): "max_length:-1" cannot be read; write it like "max_length:80"',
        ),
        (
            {"field": "a", "validator": "in:a,,b"},
            'Rule 2 (a): "in:a,,b" cannot be read; write it like "in:draft,paid"',
        ),
        (
            {"field": "a", "validator": "email:x"},
            'Rule 2 (a): "email" takes no argument; write "email" alone',
        ),
        (
            {"field": "a", "validator": "regex:(a"},
            "Rule 2 (a): the pattern cannot be used: This group is never closed (column 1)",
        ),
        (
            {"field": "a", "validator": 18},
            'Rule 2 (a): "validator" is text such as "min:18" or "min:18|max:120"',
        ),
        ({"field": "a", "required": "yes"}, 'Rule 2 (a): "required" is true or false'),
        (
            {"field": "a", "required": True, "message": 5},
            'Rule 2 (a): "message" is text of at most 500 characters',
        ),
        (
            {"field": "a", "type": "email", "format": "international"},
            'Rule 2 (a): only a phone has a format: "type": "phone", "format": "international"',
        ),
        (
            {"field": "a", "type": "phone", "format": "spanish"},
            f"Rule 2 (a): the format of a phone is {PHONE_FORMATS}",
        ),
        (
            {"field": "a", "validator": "|".join(["email"] * 21)},
            "Rule 2 (a): a rule has at most 20 validators, not 21",
        ),
        (
            {"field": ".".join("a" * 21), "type": "email"},
            f"Rule 2 ({'.'.join('a' * 21)}): a field has at most 20 steps, this one has 21",
        ),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_with_what_to_write(
    rule: Any, message: str
) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rules([{"field": "ok", "required": True}, rule])

    assert str(caught.value) == message
    assert caught.value.index == 2


@pytest.mark.parametrize("rules", [{"field": "a"}, "min:18", None, [{"field": "a"}] * 201])
def test_only_a_list_of_bounded_length_is_a_set_of_rules(rules: Any) -> None:
    with pytest.raises(ValidationSetupError, match=r"list of objects|at most 200 rules, not 201"):
        compile_rules(rules)


def test_violations_are_ordered_by_place_and_bounded() -> None:
    rules = compile_rules([{"field": "items[].sku", "required": True}])

    violations = rules.check({"items": [{}] * 100_000})

    assert [violation.path for violation in violations] == [f"items[{n}].sku" for n in range(50)]


def test_a_text_that_would_be_slow_to_match_is_refused() -> None:
    rules = compile_rules([{"field": "a", "validator": "regex:^(a+)+$"}])
    violations = rules.check({"a": "a" * 1_000_000})
    assert [violation.message for violation in violations] == [
        'is too long to be matched with the pattern "^(a+)+$"'
    ]


@given(st.dictionaries(st.sampled_from(["a", "b"]), JSON))
def test_any_data_is_answered_with_violations(data: dict[str, Any]) -> None:
    rules = compile_rules(
        [
            {"field": "a.b", "type": "email", "required": True},
            {"field": "a[].b", "validator": "min:1|in:1,2|max_length:3"},
            {"field": "b", "validator": "integer|between:1,2"},
            {"field": "b", "type": "phone"},
        ]
    )

    violations = rules.check(data)

    assert len(violations) == len(set(violations)) <= 50


def test_rules_that_would_take_minutes_are_refused() -> None:
    slow = [{"field": "items[]", "validator": "regex:(a|b)*a(a|b){200}c"}] * 20
    phones = [{"field": "items[]", "type": "phone"}] * 20
    texts = [f"{number:020b}".translate({48: "a", 49: "b"}) * 20 for number in range(500)]

    assert [each.code for each in compile_rules(slow).check({"items": texts})] == ["too_complex"]
    assert [
        each.code for each in compile_rules(phones).check({"items": ["+34912345678"] * 900})
    ] == ["too_complex"]
