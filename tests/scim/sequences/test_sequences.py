"""What identity providers really send, from the connection test to the last deletion."""

import pytest

from core.models import Tenant
from tests.scim.sequences import observing, replaying
from tests.scim.sequences.conftest import Caller


@pytest.fixture(params=replaying.names())
def sample(request: pytest.FixtureRequest) -> replaying.Sample:
    return replaying.sample(request.param)


@pytest.fixture
def profile(sample: replaying.Sample) -> str:
    return sample.profile


@pytest.mark.django_db
def test_the_sequence_is_answered_kept_and_told_of(
    sample: replaying.Sample, caller: Caller, tenant: Tenant
) -> None:
    captured = replaying.replay(sample.steps, caller.send)

    assert observing.state(tenant) == replaying.filled(sample.state, captured)
    assert observing.published(tenant) == replaying.filled(sample.events, captured)
