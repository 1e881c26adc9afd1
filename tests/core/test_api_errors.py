"""Every answer that is no success, whoever gives it, in the one envelope."""

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from core.api.handler import handle
from core.api.views import TenantView


class FaultyView(TenantView):
    """A view with a fault of ours, and one whose database is gone."""

    read_scope = None
    write_scope = None

    def get(self, request: Request) -> Response:
        raise RuntimeError("a fault of ours")

    def post(self, request: Request) -> Response:
        raise OperationalError("no connection")


urlpatterns = [path("api/v1/faulty", FaultyView.as_view())]
handler500 = "config.errors.server_error"


def test_unsupported_method_names_those_there_are(api: APIClient) -> None:
    response = api.delete("/api/v1/events")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert response.json()["error"] == "METHOD_NOT_ALLOWED"
    assert response.json()["message"] == (
        "This URL does not know the method; those it knows stand in the header Allow."
    )


def test_unsupported_method_of_a_view_without_scopes_is_refused_alike(api: APIClient) -> None:
    response = api.post("/api/v1/me", {})

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW", "REQUEST", "QUERY_PARAMETERS"])
def test_unknown_method_is_refused(method: str, api: APIClient) -> None:
    response = api.generic(method, "/api/v1/events")

    assert response.status_code == 405
    assert response.json()["error"] == "METHOD_NOT_ALLOWED"


def test_head_answers_like_get_without_a_body(api: APIClient) -> None:
    response = api.head("/api/v1/events")

    assert (response.status_code, response.content) == (200, b"")


def test_options_answers_the_methods(api: APIClient) -> None:
    response = api.options("/api/v1/events")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_tells_nobody_without_a_credential_anything(db: None) -> None:
    assert APIClient().options("/api/v1/events").status_code == 401


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0.5", ";;", "json"])
def test_only_json_can_be_asked_for(accept: str, api: APIClient) -> None:
    response = api.get("/api/v1/events", HTTP_ACCEPT=accept)

    assert response.status_code == 406
    assert response.json()["error"] == "NOT_ACCEPTABLE"


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", "text/html, */*"])
def test_json_is_given_to_whoever_takes_it(accept: str, api: APIClient) -> None:
    assert api.get("/api/v1/events", HTTP_ACCEPT=accept).status_code == 200


def test_credentials_that_contradict_each_other_are_refused(api: APIClient) -> None:
    response = api.get("/api/v1/events", HTTP_X_API_KEY="pbk_another")

    assert response.status_code == 401
    assert response.json()["error"] == "INVALID_CREDENTIALS"


@pytest.mark.urls(__name__)
def test_fault_of_ours_is_answered_in_the_envelope_and_logged_once(
    api: APIClient, caplog: pytest.LogCaptureFixture, settings: LazySettings
) -> None:
    settings.DEBUG = False
    api.raise_request_exception = False

    response = api.get("/api/v1/faulty")

    assert response.status_code == 500
    answer = response.json()
    assert answer["error"] == "INTERNAL_ERROR"
    assert answer["request_id"] == response.headers["X-Request-ID"]
    assert "a fault of ours" not in response.content.decode()
    assert [record.name for record in caplog.records if record.exc_info] == ["django.request"]


@pytest.mark.urls(__name__)
def test_failing_database_is_answered_as_a_passing_fault(
    api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = api.post("/api/v1/faulty", {})

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.json()["error"] == "UNAVAILABLE"
    logged = [record.message for record in caplog.records if record.exc_info]
    assert logged == ["database.unavailable"]


@pytest.mark.parametrize(
    ("error", "status", "details"),
    [
        (ValidationError("An id.", code="invalid_id"), 404, None),
        (
            ValidationError({"name": ValidationError("Too long.", code="max_length")}),
            422,
            [{"path": "name", "code": "max_length", "message": "Too long."}],
        ),
        (
            ValidationError(["One.", "Two."]),
            422,
            [
                {"path": "", "code": "invalid", "message": "One."},
                {"path": "", "code": "invalid", "message": "Two."},
            ],
        ),
        (
            ValidationError({"__all__": ["Both."]}),
            422,
            [{"path": "", "code": "invalid", "message": "Both."}],
        ),
        (PermissionDenied(), 403, None),
    ],
)
def test_what_django_raises_becomes_an_answer(
    error: Exception, status: int, details: list[dict[str, str]] | None
) -> None:
    response = handle(error, {})

    assert response is not None
    assert response.status_code == status
    assert response.data.get("details") == details
