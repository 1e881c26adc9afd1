"""The storage keeps the contract of the core of SCIM, as that core's own tests say it."""

import pytest
from scim2_models import ScimProvider
from scim2_server.testing import ScimStorageContract

from core.models import Tenant
from scim.schemas.service import service
from scim.storage.storage import DirectoryStorage
from tests.makers import make_actor


@pytest.mark.django_db
class TestDirectoryStorage(ScimStorageContract):
    """Every test of the contract, against a tenant's directory."""

    @pytest.fixture
    def provider(self) -> ScimProvider:
        return service("", creates_entries=False).provider

    @pytest.fixture
    def storage(self, tenant: Tenant) -> DirectoryStorage:
        return DirectoryStorage(tenant, service("", creates_entries=False), make_actor())
