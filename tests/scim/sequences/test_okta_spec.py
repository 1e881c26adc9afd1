"""The requests of Okta's SPEC test, which an application has to pass to be in its catalog."""

import pytest

from core.models import Tenant
from tests.scim.sequences import observing, replaying
from tests.scim.sequences.conftest import Caller


@pytest.fixture
def profile() -> str:
    return "okta"


@pytest.mark.django_db
def test_every_request_of_the_spec_test_is_answered_as_okta_wants(
    caller: Caller, tenant: Tenant
) -> None:
    first, requests = replaying.first_and_requests("okta-spec")

    captured = replaying.replay([*first, *requests], caller.send)

    assert len(requests) == 10
    assert observing.published(tenant) == [
        f"user.created {captured['vera']}",
        f"user.created {captured['runa']}",
    ]
