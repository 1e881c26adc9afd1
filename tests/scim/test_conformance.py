"""The suites by which others judge SCIM servers pass, against a real server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from tests.once import ON_ONE_DATABASE
from tests.scim.conftest import Door

PASSED = {Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT, Status.ACCEPTABLE}
MIN_CHECKS = 130


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "round_", [0, *(pytest.param(n, marks=ON_ONE_DATABASE) for n in range(1, 5))]
)
def test_every_check_of_scim2_tester_passes(scim_client: SyncSCIMClient, round_: int) -> None:
    results = check_server(scim_client)

    failed = [(each.title, each.reason) for each in results if each.status not in PASSED]
    assert failed == []
    assert len(results) >= MIN_CHECKS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("profile", "options"),
    [("generic", ["--compat"]), ("entra", ["--compat"]), ("entra", ["--profile", "entra"])],
)
def test_every_probe_of_scim_sanity_passes(door: Door, profile: str, options: list[str]) -> None:
    program = Path(sys.executable).with_name("scim-sanity")
    command = [str(program), "probe", door.base_url, "--token", door.token, *options]

    ended = subprocess.run(
        [*command, "--i-accept-side-effects", "--json-output"],
        capture_output=True,
        text=True,
        check=False,
    )

    report = json.loads(ended.stdout)
    failed = [each for each in report["results"] if each["status"] == "fail"]
    assert failed == []
    assert ended.returncode == 0
