"""Reading definitions of endpoints that people paste."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.definitions.endpoints import MAX_CHARACTERS, parse_endpoint
from webhooks.errors import DefinitionError
from webhooks.inbound.schemes import SCHEMES

DOCUMENTED = """{
  endpoint: '/webhooks/external-service',
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'X-Webhook-Secret': 'your-secret'
  },
  validation: 'signature'
}
"""


def test_the_documented_example_is_read() -> None:
    described = parse_endpoint(DOCUMENTED)

    assert described.secret == ""
    assert described.fields == {
        "name": "external-service",
        "path": "/webhooks/external-service",
        "methods": ["POST"],
        "expected_headers": [
            {"name": "Content-Type", "value": "application/json"},
            {"name": "X-Webhook-Secret", "value": "your-secret"},
        ],
        "scheme": "hmac",
        "options": {},
    }


def test_it_is_read_alike_as_strict_json_and_as_a_statement() -> None:
    strict = DOCUMENTED.replace("'", '"')
    for key in ("endpoint", "method", "headers", "validation"):
        strict = strict.replace(f"{key}:", f'"{key}":')

    assert parse_endpoint(strict) == parse_endpoint(DOCUMENTED)
    assert parse_endpoint(f"{DOCUMENTED.rstrip()};\n") == parse_endpoint(DOCUMENTED)


@pytest.mark.parametrize(
    ("validation", "scheme"),
    [("signature", "hmac"), ("secret", "secret_header"), *((name, name) for name in SCHEMES)],
)
def test_validation_names_a_scheme(validation: str, scheme: str) -> None:
    fields = parse_endpoint(
        f"{{endpoint: '/in', method: 'put', validation: '{validation}'}}"
    ).fields

    assert fields["scheme"] == scheme
    assert fields["methods"] == ["PUT"]
    assert fields["expected_headers"] == []


def test_name_of_its_own_goes_before_the_path() -> None:
    fields = parse_endpoint("{name: 'Shop', endpoint: 'a/b', validation: 'shopify'}").fields

    assert (fields["name"], fields["methods"]) == ("Shop", ["POST"])


@pytest.mark.parametrize(
    ("validation", "header", "secret", "options"),
    [
        ("secret", "'X-Webhook-Secret': 'your-secret'", "your-secret", "X-Webhook-Secret"),
        ("secret", "'X-Api-Key': 'your-secret'", "your-secret", "X-Api-Key"),
        ("gitlab_token", "'x-gitlab-token': 'your-secret'", "your-secret", ""),
        ("bearer", "'Authorization': 'Bearer your-secret'", "your-secret", ""),
        ("basic", "'Authorization': 'Basic bWU6eW91ci1zZWNyZXQ='", "me:your-secret", ""),
    ],
)
def test_a_header_that_carries_the_secret_is_the_secret(
    validation: str, header: str, secret: str, options: str
) -> None:
    headers = f"{{'X-Team': 'a', {header}}}"

    described = parse_endpoint(
        f"{{endpoint: '/a', headers: {headers}, validation: '{validation}'}}"
    )

    assert described.secret == secret
    assert described.fields["options"] == ({"header": options} if options else {})
    assert described.fields["expected_headers"] == [{"name": "X-Team", "value": "a"}]


@pytest.mark.parametrize(
    "headers", ["{}", "{'X-Token': 'a', 'X-Key': 'b'}", "{'X-Webhook-Secret': ''}", "{'X-A': 'b'}"]
)
def test_without_one_header_that_could_carry_it_the_secret_is_not_known(headers: str) -> None:
    described = parse_endpoint(f"{{endpoint: '/a', headers: {headers}, validation: 'secret'}}")

    assert described.secret == ""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("  \n", 1, "no definition"),
        ("x" * (MAX_CHARACTERS + 1), 1, "at most"),
        ("[1]", 1, "one object"),
        ("{endpoint: '/a',\n validation: ", 2, r"\(line 2\)"),
        ("{\n endpoint: '/a'\n}", 1, '"validation"'),
        ("{validation: 'github'}", 1, '"endpoint"'),
        ("{endpoint: '/a',\n validation: 'magic'}", 2, 'no validation "magic"'),
        ("{endpoint: 7,\n validation: 'github'}", 1, '"endpoint" must be a text'),
        ("{endpoint: '/a', validation: 'github',\n headers: ['x']}", 2, "must be an object"),
        ("{endpoint: '/a', validation: 'github',\n headers: {\n 'X-A': 1}}", 3, '"X-A"'),
        ("{endpoint: '/a', validation: 'github',\n\n webhook: 'b'}", 3, '"webhook" is not known'),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(DefinitionError, match=words) as refusal:
        parse_endpoint(text)

    assert refusal.value.line == line


@given(st.text() | st.text(st.sampled_from("{}[]'\",:\nendpoivalidtumhrs")))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    scheme = None
    with suppress(DefinitionError):
        scheme = parse_endpoint(text).fields["scheme"]

    assert scheme is None or scheme in SCHEMES
