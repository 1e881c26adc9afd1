"""The suites by which others judge SCIM servers pass, against a real server."""

import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

PASSED = {Status.SUCCESS, Status.SKIPPED, Status.COMPLIANT, Status.ACCEPTABLE}
MIN_CHECKS = 130


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_every_check_of_scim2_tester_passes(scim_client: SyncSCIMClient, round_: int) -> None:
    results = check_server(scim_client)

    failed = [(each.title, each.reason) for each in results if each.status not in PASSED]
    assert failed == []
    assert len(results) >= MIN_CHECKS
