"""The commands of docs/api.md for acting for a person, run one after the other."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from core import services
from core.models import Tenant
from tests.makers import make_actor
from tests.oauth import call, press_allow

DOCUMENT = (Path(__file__).resolve().parent.parent.parent / "docs" / "api.md").read_text("utf-8")
REDIRECT = "https://portal.example/callback"
TOOLS = ("bash", "curl", "openssl")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"),
]


def run(command: str, **variables: str) -> str:
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.strip()


@pytest.mark.spec("RFC 7636", "4")
def test_commands_lead_from_the_sign_in_to_a_renewed_token(
    live_server: LiveServer, tenant: Tenant
) -> None:
    make, send, exchange, renew = re.findall(
        r"^```sh\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE
    )
    new = services.create_api_client(
        tenant,
        name="Portal",
        scopes=["events:read"],
        redirect_uris=[REDIRECT],
        actor=make_actor(),
    )
    known = {"URL": live_server.url, "CLIENT": new.client.client_id, "SECRET": new.secret}
    browser = Client()
    browser.force_login(
        services.create_staff("ann@acme.example", tenant=tenant, actor=make_actor()).user
    )

    printed = run(f'{make}{send}echo "$STATE"\necho "$VERIFIER"', **known)
    url, state, verifier = printed.split("\n")
    back = press_allow(browser, url.removeprefix(live_server.url), REDIRECT)
    tokens = json.loads(run(exchange, CODE=back["code"][0], VERIFIER=verifier, **known))
    renewed = json.loads(run(renew, REFRESH=tokens["refresh_token"], **known))

    assert (back["state"], back["iss"]) == ([state], ["http://testserver"])
    assert sorted(tokens) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert (tokens["expires_in"], tokens["scope"]) == (3600, "events:read")
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert call(renewed["access_token"]) == 200
