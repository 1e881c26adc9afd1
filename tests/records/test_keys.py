from typing import Any

import pytest

from records.keys import KeyValueError, key_of


@pytest.mark.parametrize(
    ("data", "field", "key"),
    [
        pytest.param({"number": "A-1"}, "number", "A-1", id="text"),
        pytest.param({"number": 42}, "number", "42", id="whole-number"),
        pytest.param({"customer": {"email": "a@b.c"}}, "customer.email", "a@b.c", id="nested"),
        pytest.param({"number": "A-1"}, "", None, id="no-key-field"),
        pytest.param({}, "number", None, id="no-value"),
        pytest.param({"number": None}, "number", None, id="null"),
        pytest.param({"customer": "Ana"}, "customer.email", None, id="no-object-on-the-way"),
    ],
)
def test_the_key_is_the_value_of_the_field(
    data: dict[str, Any], field: str, key: str | None
) -> None:
    assert key_of(data, field) == key


@pytest.mark.parametrize("value", [True, 1.5, [], {}, "", "x" * 201])
def test_a_value_that_is_no_key_is_refused(value: Any) -> None:
    with pytest.raises(KeyValueError):
        key_of({"number": value}, "number")
