"""Clients and people that core's tests start from."""

import pytest

from core import services
from core.models import Tenant, User
from core.services import NewClient
from core.types import Actor
from tests.oauth import PASSWORD, REDIRECT


@pytest.fixture
def machine(tenant: Tenant, actor: Actor) -> NewClient:
    return services.create_api_client(
        tenant, name="Shop", scopes=["events:read", "events:write"], actor=actor
    )


@pytest.fixture
def portal(tenant: Tenant, actor: Actor) -> NewClient:
    return services.create_api_client(
        tenant, name="Portal", scopes=["events:read"], redirect_uris=[REDIRECT], actor=actor
    )


@pytest.fixture
def ann(tenant: Tenant, actor: Actor) -> User:
    """Someone of acme, who can sign in."""
    return services.create_staff(
        "ann@acme.example", tenant=tenant, password=PASSWORD, actor=actor
    ).user
