"""What the SCIM Validator of Microsoft Entra ID tests, in its letter and spirit."""

from collections.abc import Sequence

import pytest

from tests.scim.sequences import replaying
from tests.scim.sequences.conftest import Caller
from tests.scim.sequences.replaying import Step

NAMES = ("entra-validator-users", "entra-validator-groups", "entra-validator-preview")
CASES = [case for name in NAMES for case in replaying.cases(name)]


@pytest.fixture
def profile() -> str:
    return "entra"


def test_the_table_has_every_case_of_the_validator_once() -> None:
    assert len({title for title, _ in CASES}) == len(CASES) == 36


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [pytest.param(steps, id=title) for title, steps in CASES])
def test_the_validator_is_satisfied(steps: Sequence[Step], caller: Caller) -> None:
    replaying.replay(steps, caller.send)
