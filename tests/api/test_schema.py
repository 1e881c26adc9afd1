"""The API's description is valid, whole, and says what the source says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from rest_framework.test import APIClient

from tests.api.document import DOCUMENT
from tests.once import ON_ONE_DATABASE
from tests.test_tenancy import PUBLIC, api_routes

pytestmark = ON_ONE_DATABASE

OPERATIONS = Path(__file__).with_name("operations.txt")
PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>|\{\w+\}")
NAME = re.compile(r"^[a-z]+(_[a-z]+)+$")
ALWAYS = {"400", "401", "403", "406", "429", "500", "503"}
ON_WRITES = {"411", "413", "415", "422"}
WRITES = {"post", "put", "patch", "delete"}

CALLS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
each_operation = pytest.mark.parametrize(
    ("path", "method", "operation"), CALLS, ids=[call[2]["operationId"] for call in CALLS]
)


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference refers to; anything else as it is."""
    if "$ref" not in value:
        return value
    here: Any = DOCUMENT
    for step in value["$ref"].removeprefix("#/").split("/"):
        here = here[step]
    return dict(here)


def without_names(path: str) -> str:
    return PARAMETER.sub("{}", path)


def test_document_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    GENERATOR_STATS.reset()

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))

    validate_schema(DOCUMENT)  # type: ignore[no-untyped-call]
    assert DOCUMENT["openapi"] == "3.1.1"


def test_document_is_served_to_anyone(db: None) -> None:
    response = APIClient().get("/api/v1/schema", HTTP_ACCEPT="application/json")

    assert response.status_code == 200
    assert json.loads(response.content) == DOCUMENT


def test_every_route_is_described_and_nothing_else() -> None:
    routes = {
        (without_names(f"/api/v1/{route.path}"), method)
        for route in api_routes()
        if route.path not in PUBLIC
        for method in route.methods
    }

    assert {(without_names(path), method) for path, method, _ in CALLS} == routes


def test_operations_are_those_that_clients_know() -> None:
    """A change of the contract must be seen: write the new lines to operations.txt on purpose."""
    lines = [
        f"{operation['operationId']} {method.upper()} {path}" for path, method, operation in CALLS
    ]

    assert sorted(lines) == OPERATIONS.read_text().splitlines()


def test_no_two_operations_have_the_same_name() -> None:
    names = [operation["operationId"] for _, _, operation in CALLS]

    assert sorted(set(names)) == sorted(names)


@each_operation
def test_operation_reads_well(path: str, method: str, operation: dict[str, Any]) -> None:
    assert NAME.match(operation["operationId"])
    assert operation["summary"][0].isupper()
    assert not operation["summary"].endswith(".")
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    assert len(operation["tags"]) == 1


@each_operation
def test_operation_names_its_scope_in_each_way_to_authenticate(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    ways = {name: scopes for way in operation["security"] for name, scopes in way.items()}

    assert sorted(ways) == ["apiKey", "bearer", "oauth2"]
    assert ways["apiKey"] == ways["bearer"] == ways["oauth2"]
    if operation["operationId"] == "get_caller":
        assert ways["oauth2"] == []
        assert operation["description"].endswith("Any credential will do.")
    else:
        [scope] = ways["oauth2"]
        assert scope in settings.API_SCOPES
        assert operation["description"].endswith(f"Needs the scope `{scope}`.")


@each_operation
def test_operation_lists_its_errors_in_the_one_shape(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    expected = ALWAYS | (ON_WRITES if method in WRITES else set())
    expected |= {"404"} if "{" in path else set()

    errors = {code: resolved(answer) for code, answer in operation["responses"].items()}
    errors = {code: answer for code, answer in errors.items() if code >= "400"}

    assert set(errors) - {"404", "409", "410", "412"} == expected - {"404"}
    assert expected <= set(errors)
    for answer in errors.values():
        assert answer["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/Error"
        }
        assert re.match(
            r"`[A-Z_]+`: ", answer["description"].removeprefix("The request is malformed. ")
        )


@each_operation
def test_operation_names_the_header_fields_of_its_answers(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    for code, answer in operation["responses"].items():
        names = set(resolved(answer)["headers"])
        assert {"X-Request-ID", "X-Correlation-ID"} <= names
        assert ({"RateLimit", "RateLimit-Policy"} <= names) == (
            code not in {"401", "406", "411", "413", "500", "503"}
        )
        assert ("Retry-After" in names) == (code in {"429", "503"})
        assert ("Location" in names) == (code == "201")


@each_operation
def test_write_takes_a_key_against_repeats(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    parameters = {resolved(each)["name"] for each in operation.get("parameters", [])}

    sends = operation["operationId"] == "test_subscription"
    assert ("Idempotency-Key" in parameters) == (method in WRITES and not sends)
    assert ("X-Correlation-ID" in parameters) == (method in WRITES)


@each_operation
def test_list_is_paged(path: str, method: str, operation: dict[str, Any]) -> None:
    names = {resolved(each)["name"] for each in operation.get("parameters", [])}

    assert ({"cursor", "limit"} <= names) == operation["operationId"].startswith("list_")


def examples_in(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every example of a body with the place of the schema that it must fit."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from examples_in(item, f"{pointer}/{index}")
    if not isinstance(value, dict):
        return
    for media in value.get("content", {}):
        body = value["content"][media]
        place = f"{pointer}/content/{media.replace('/', '~1')}/schema"
        shown = [each["value"] for each in body.get("examples", {}).values()]
        yield from ((place, each) for each in shown + [body[k] for k in body if k == "example"])
    for name, item in value.items():
        yield from examples_in(item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


@pytest.mark.parametrize(("place", "example"), list(examples_in(DOCUMENT)))
def test_example_fits_its_schema(place: str, example: Any) -> None:
    whole = DRAFT202012.create_resource(DOCUMENT)
    registry: Any = Registry().with_resource("urn:api", whole)
    schema = {"$ref": f"urn:api#{quote(place)}"}

    errors = list(Draft202012Validator(schema, registry=registry).iter_errors(example))

    assert errors == []


def test_main_writes_have_an_example() -> None:
    asked = {
        operation["operationId"]
        for _, _, operation in CALLS
        if any(examples_in(operation.get("requestBody", {})))
    }

    assert {
        "create_api_key",
        "create_event_type",
        "create_record",
        "create_record_type",
        "create_records",
        "create_subscription",
        "preview_webhook",
        "publish_event",
        "set_config_value",
        "update_record",
    } <= asked


def test_what_receivers_get_is_described() -> None:
    operation = DOCUMENT["webhooks"]["event"]["post"]

    assert [each["name"] for each in operation["parameters"]] == [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "X-Signature-256",
    ]
