import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strict_json import MAX_DEPTH, StrictJsonError, dumps, identity, loads

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)

ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
TOO_DEEP: list[Any] = []
for _ in range(100_000):
    TOO_DEEP = [TOO_DEEP]

REFUSED = [
    pytest.param(b"", 1, 1, "The text is empty; a JSON value was expected", id="empty"),
    pytest.param(b" \n", 2, 1, "The text is empty; a JSON value was expected", id="blank"),
    pytest.param(
        b'{"a": 1\n "b": 2}',
        2,
        2,
        "The text is not valid JSON: expecting ',' delimiter",
        id="missing-comma",
    ),
    pytest.param(b"[1] x", 1, 5, "The text is not valid JSON: extra data", id="text-after-value"),
    pytest.param(
        b'["a\nb"]', 1, 4, "The text is not valid JSON: invalid control character at", id="newline"
    ),
    pytest.param(
        b'["a\0b"]', 1, 4, "The text is not valid JSON: invalid control character at", id="raw-nul"
    ),
    pytest.param(
        b"\xef\xbb\xbf{}",
        1,
        1,
        "The text starts with a byte order mark; send plain UTF-8",
        id="byte-order-mark",
    ),
    pytest.param('["é",\n"é'.encode() + b'\xff"]', 2, 3, "The text is not valid UTF-8", id="utf-8"),
    pytest.param(b'["\xed\xa0\x80"]', 1, 3, "The text is not valid UTF-8", id="encoded-surrogate"),
    pytest.param("[1]".encode("utf-16"), 1, 1, "The text is not valid UTF-8", id="utf-16"),
    pytest.param(b'{"NaN":\n NaN}', 2, 2, "NaN is not a JSON value", id="nan"),
    pytest.param(b"[-Infinity]", 1, 2, "-Infinity is not a JSON value", id="minus-infinity"),
    pytest.param(
        b'["1e999", 1e999]',
        1,
        11,
        "The number is too large; send it as a string",
        id="real-overflow",
    ),
    pytest.param(
        b"[9223372036854775808]",
        1,
        2,
        "The integer does not fit in 64 bits; send it as a string",
        id="integer-over-64-bits",
    ),
    pytest.param(
        b"[-9223372036854775809]",
        1,
        2,
        "The integer does not fit in 64 bits; send it as a string",
        id="integer-under-64-bits",
    ),
    pytest.param(
        b"1" * 5_000,
        1,
        1,
        "The integer does not fit in 64 bits; send it as a string",
        id="five-thousand-digits",
    ),
    pytest.param(
        b'{"a": {"b": 1},\n "b": ["b"], "b": 2}',
        2,
        14,
        'The key "b" stands twice in one object',
        id="repeated-key",
    ),
    pytest.param(
        rb'{"a": 1, "\u0061": 2}',
        1,
        10,
        'The key "a" stands twice in one object',
        id="repeated-key-escaped",
    ),
    pytest.param(
        rb'["a\\u0000", "\u0000"]',
        1,
        15,
        r"Text must not contain the character \u0000",
        id="nul-escape",
    ),
    pytest.param(
        rb'{"\u0000": 1}', 1, 3, r"Text must not contain the character \u0000", id="nul-in-key"
    ),
    pytest.param(rb'["\uD83D"]', 1, 3, "Half of a surrogate pair stands alone", id="high-alone"),
    pytest.param(rb'["\ude00"]', 1, 3, "Half of a surrogate pair stands alone", id="low-alone"),
    pytest.param(
        rb'["\ud83d", "\ude00"]', 1, 3, "Half of a surrogate pair stands alone", id="pair-apart"
    ),
    pytest.param(
        rb'["\ud83d\u0041"]', 1, 3, "Half of a surrogate pair stands alone", id="high-then-letter"
    ),
    pytest.param(
        rb'["\ud83d\ude00\ude00"]',
        1,
        15,
        "Half of a surrogate pair stands alone",
        id="pair-and-low",
    ),
    pytest.param(
        rb'["\ud83d\n\ude00"]', 1, 3, "Half of a surrogate pair stands alone", id="pair-split"
    ),
]


@pytest.mark.parametrize(("raw", "line", "column", "message"), REFUSED)
def test_json_that_readers_could_take_differently_is_refused_with_its_place(
    raw: bytes, line: int, column: int, message: str
) -> None:
    with pytest.raises(StrictJsonError) as caught:
        loads(raw)

    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)
    assert str(caught.value) == f"{message} (line {line}, column {column})"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a": {"a": 1}, "b": {"a": 2}}', {"a": {"a": 1}, "b": {"a": 2}}),
        (rb'["\ud83d\ude00", "\\ud83d", "\\u0000"]', ["😀", r"\ud83d", r"\u0000"]),
        (b"[9223372036854775807, -9223372036854775808]", [2**63 - 1, -(2**63)]),
        (b"[1e-999, 1E3, -0]", [0.0, 1000.0, 0]),
        (b' "x" ', "x"),
    ],
)
def test_unusual_but_unambiguous_json_is_read(raw: bytes, expected: Any) -> None:
    assert loads(raw) == expected


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("levels", [10_000, 500_000])
def test_deep_nesting_is_a_clean_error(opening: bytes, levels: int) -> None:
    with pytest.raises(StrictJsonError, match="The nesting is deeper than 64 levels"):
        loads(opening * levels)


def test_nesting_is_measured_by_levels_and_not_by_brackets() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    wide = b"[" + b",".join([deepest[1:-1]] * 3) + b"]"
    in_text = b'["' + b"[" * 100 + rb"\"" + b'"]'

    assert dumps(loads(deepest)) == deepest
    assert dumps(loads(wide)) == wide
    assert dumps(loads(in_text)) == in_text
    with pytest.raises(StrictJsonError, match=r"\(line 1, column 65\)"):
        loads(b"[" + deepest + b"]")


def test_the_depth_allowed_is_the_callers_choice() -> None:
    assert loads(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(StrictJsonError, match="The nesting is deeper than 1 levels"):
        loads(b"[[1]]", max_depth=1)


@pytest.mark.parametrize(
    "raw",
    [b'"' + rb"\"" * 500_000, rb'"\"' * 300_000, b"[" * 100 + b'"' + b"\\" * 999_999, b"]" * 10**6],
)
def test_a_hostile_megabyte_is_refused(raw: bytes) -> None:
    with pytest.raises(StrictJsonError):
        loads(raw)


def test_a_long_key_is_not_echoed_whole() -> None:
    key = b'"' + b"k" * 10_000 + b'"'

    with pytest.raises(StrictJsonError) as caught:
        loads(b"{" + key + b":1," + key + b":2}")

    assert caught.value.message == f'The key "{"k" * 80}…" stands twice in one object'


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "The value has no JSON form: Out of range float values are not JSON compliant"),
        ([-math.inf], "The value has no JSON form: Out of range float values are not JSON"),
        ("\ud83d", "Half of a surrogate pair stands alone"),
        ({"\udc00": 1}, "Half of a surrogate pair stands alone"),
        (ENDLESS, "The value has no JSON form: Circular reference detected"),
        (TOO_DEEP, "The value has no JSON form: maximum recursion depth exceeded"),
    ],
)
def test_values_without_a_json_form_are_not_written(value: Any, message: str) -> None:
    with pytest.raises(StrictJsonError, match=message) as caught:
        dumps(value)

    assert (caught.value.line, caught.value.column) == (0, 0)


def test_written_json_is_compact_utf_8() -> None:
    assert (
        dumps({"name": "Zoë", "tags": [1, 2.5, None]})
        == '{"name":"Zoë","tags":[1,2.5,null]}'.encode()
    )


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert identity(loads(dumps(value))) == identity(value)
    assert identity(loads(json.dumps(value).encode())) == identity(value)


@given(st.binary() | st.text('[]{}",:\\u0d8e1.-nN \n').map(str.encode))
def test_any_bytes_are_read_as_the_standard_library_reads_them_or_refused(raw: bytes) -> None:
    try:
        value = loads(raw)
    except StrictJsonError as exc:
        place = (exc.line, exc.column)
        assert min(place) > 0
    else:
        assert value == json.loads(raw)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1.0}, True),
        ([1, 2], [2, 1], False),
        ([], {}, False),
        ("1", 1, False),
        (2**53 + 1, float(2**53), False),
    ],
)
def test_identity_is_the_equality_of_json(one: Any, other: Any, same: bool) -> None:
    assert (identity(one) == identity(other)) is same
