"""The README's example, run as it stands against a web server with what ``make demo`` sets up."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from config.demo import setting
from core.models import Event

README = Path(__file__).resolve().parent.parent.parent / "README.md"
# Nothing is sent in this test: nobody dispatches the event.
UNUSED_RECEIVER = "http://127.0.0.1:9000"

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"
)


def run_example(url: str, client: str, secret: str) -> subprocess.CompletedProcess[str]:
    blocks = re.findall(r"```bash\n(URL=.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", blocks[0]],
        env={"PATH": os.environ["PATH"], "URL": url, "CLIENT": client, "SECRET": secret},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
def test_example_creates_an_order_and_its_event(live_server: LiveServer) -> None:
    scene = setting.prepare(UNUSED_RECEIVER)

    ended = run_example(live_server.url, scene.client_id, scene.client_secret)

    assert ended.stderr == ""
    order = json.loads(ended.stdout)
    assert (order["type"], order["version"]) == ("order", 1)
    assert order["data"]["items"] == [{"sku": "TEA-1", "quantity": 2}]
    event = Event.objects.get(tenant=scene.tenant)
    assert (event.type, event.entity_id) == ("order.created", order["id"])


@pytest.mark.django_db(transaction=True)
def test_example_without_a_right_secret_creates_nothing(live_server: LiveServer) -> None:
    scene = setting.prepare(UNUSED_RECEIVER)

    ended = run_example(live_server.url, scene.client_id, "a guess")

    assert ended.returncode == 22  # curl: an answer of 400 or more
    assert "401" in ended.stderr
    assert Event.objects.count() == 0
