"""What browsers are told about our pages."""

import pytest
from django.conf import LazySettings
from django.test import Client

from config.security import policy_for
from tests.staff import PASSWORD, make_staff

STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1/records",
        "/api/v1/schema",
        "/oauth/token",
        "/health/live",
        "/adminx",
        "/nowhere",
    ],
)
def test_answers_that_are_no_pages_may_load_nothing(path: str) -> None:
    assert policy_for(path) == STRICT


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/api/v1/docs", "/oauth/authorize"])
def test_no_page_may_run_inline_scripts_or_load_from_elsewhere(path: str) -> None:
    policy = policy_for(path)
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))

    assert "'unsafe-inline'" not in scripts
    assert "http" not in policy.replace("form-action 'self' https:", "")
    assert "default-src 'none'" in policy


def test_only_the_admin_may_evaluate_and_style_inline() -> None:
    relaxed = [
        path
        for path in ("/admin/", "/api/v1/docs", "/oauth/authorize", "/api/v1/me")
        if "unsafe" in policy_for(path)
    ]

    assert relaxed == ["/admin/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/admin/login/", "/api/v1/me", "/nowhere"])
def test_every_answer_carries_the_headers(path: str) -> None:
    answer = Client().get(path)

    assert answer["Content-Security-Policy"] == policy_for(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Permissions-Policy"].startswith("camera=()")


@pytest.mark.django_db
def test_strict_transport_security_follows_the_setting(settings: LazySettings) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True

    answer = Client().get("/health/live", secure=True)

    assert answer["Strict-Transport-Security"] == "max-age=60; includeSubDomains; preload"


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", ""])
def test_signing_in_leads_to_the_dashboard_and_never_to_another_site(wanted: str) -> None:
    name = make_staff("operator").username
    form = {"username": name, "password": PASSWORD, "next": wanted}

    answer = Client().post("/admin/login/", form)

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
