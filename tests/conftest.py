"""Fixtures that every app's tests start from.

Two tenants stand in each test that asks for them: ``acme``, whose rows are looked at, and
``globex``, the stranger, who must never see or touch any of them.
"""

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from core.models import Tenant
from core.types import Actor
from tests.makers import make_actor, make_key, make_tenant


@pytest.fixture
def actor() -> Actor:
    return make_actor()


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def stranger(db: None) -> Tenant:
    return make_tenant("globex")


@pytest.fixture
def api(tenant: Tenant) -> APIClient:
    """The API as acme sees it, with every scope."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant)}")
    return client


@pytest.fixture
def stranger_api(stranger: Tenant) -> APIClient:
    """The API as globex sees it, with every scope."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(stranger)}")
    return client


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: LazySettings) -> None:
    """Let deliveries reach the receivers that tests start on 127.0.0.1."""
    settings.OUTBOUND_HTTPS_ONLY = False
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
