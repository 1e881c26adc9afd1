import pytest

from core.models import Tenant
from core.types import Actor
from records import services
from records.models import Record, RecordType
from tests.orders import make_order_type, order


@pytest.fixture
def order_type(tenant: Tenant) -> RecordType:
    return make_order_type(tenant)


@pytest.fixture
def stored(tenant: Tenant, order_type: RecordType, actor: Actor) -> Record:
    """An order, paid by nobody yet."""
    data = order("A-1", total=12.5, tags=["new"], customer={"name": "Ana"})
    return services.create_record(tenant, "order", data, actor=actor)
