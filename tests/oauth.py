"""The OAuth 2.0 endpoints as a client and a browser use them."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client
from rest_framework.test import APIClient

from core.services import NewClient

TOKEN_URL = "/oauth/token"
FORM = "application/x-www-form-urlencoded"
REDIRECT = "https://portal.example.com/callback"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
PASSWORD = "correct horse battery"


def post(url: str, **form: str) -> tuple[int, dict[str, object]]:
    response = Client().post(url, urlencode(form), content_type=FORM)
    return response.status_code, response.json() if response.content else {}


def ask_for_token(new: NewClient, **form: str) -> tuple[int, dict[str, object]]:
    credentials = {"client_id": new.client.client_id, "client_secret": new.secret}
    return post(TOKEN_URL, **(credentials | form))


def call(token: object) -> int:
    return APIClient().get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code


def authorize_url(new: NewClient, **changes: str) -> str:
    parameters = {
        "response_type": "code",
        "client_id": new.client.client_id,
        "redirect_uri": REDIRECT,
        "state": "state-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return "/oauth/authorize?" + urlencode(parameters | changes)


def consent(browser: Client, url: str) -> dict[str, list[str]]:
    """Press "Allow" on the consent page of the usual client."""
    return press_allow(browser, url, REDIRECT)


def press_allow(browser: Client, url: str, redirect: str) -> dict[str, list[str]]:
    """Press "Allow" on the consent page; return the parameters of the redirect."""
    page = browser.get(url)
    assert page.status_code == 200
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    response = browser.post(url, dict(fields) | {"allow": "Allow"})
    assert response.status_code == 302
    location = urlsplit(response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == redirect
    return parse_qs(location.query)


def exchange(new: NewClient, code: str, **changes: str) -> tuple[int, dict[str, object]]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return ask_for_token(new, **(form | changes))
