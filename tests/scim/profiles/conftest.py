import pytest

from scim.profiles import KnownAttributes
from scim.schemas.service import service


@pytest.fixture(scope="session")
def known() -> KnownAttributes:
    """What a directory without attributes of its own knows."""
    return KnownAttributes.of_trees(service("", creates_entries=False).trees)
