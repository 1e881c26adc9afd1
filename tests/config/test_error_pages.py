"""Errors are pages where people are, and the envelope where programs are."""

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory

from config import errors
from tests.staff import text_of


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (400, "The request is malformed"),
        (403, "You may not do this"),
        (404, "There is nothing here"),
        (500, "Something went wrong on our side"),
    ],
)
def test_faults_in_the_admin_are_pages(status: int, heading: str) -> None:
    request = RequestFactory().get("/admin/nowhere/")
    answers = {
        400: lambda: errors.bad_request(request, ValueError("x")),
        403: lambda: errors.permission_denied(request, PermissionDenied("x")),
        404: lambda: errors.not_found(request, Http404("x")),
        500: lambda: errors.server_error(request),
    }

    answer = answers[status]()

    assert answer.status_code == status
    assert f"<h1>{heading}</h1>" in text_of(answer)


@pytest.mark.django_db
def test_unknown_address_elsewhere_is_answered_in_the_envelope() -> None:
    answer = Client().get("/nowhere")

    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


@pytest.mark.django_db
def test_host_that_is_not_ours_is_refused_with_what_to_do(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["hub.example"]

    answer = Client().get("/api/v1/me", headers={"host": "10.0.0.7"})

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "The request names a host that this installation does not answer for. Use its public URL;"
        " whoever runs it names its hosts in ALLOWED_HOSTS."
    )


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probe_by_address_is_answered(path: str, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["hub.example"]

    answer = Client().get(path, headers={"host": "10.0.0.7:8000"})

    assert answer.status_code == 200


def test_fault_of_ours_elsewhere_is_answered_in_the_envelope() -> None:
    answer = errors.server_error(RequestFactory().get("/api/v1/me"))

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
