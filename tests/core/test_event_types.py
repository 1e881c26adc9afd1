"""What may name an event, and the catalogue of what there is."""

import pytest

from core import event_types
from core.errors import InvalidEventTypeError
from core.models import Tenant
from tests.makers import make_event_type
from webhooks.patterns import matches


@pytest.mark.parametrize("name", ["order.created", "a.b", "a1_.2_.c", "a." + "b" * 98])
def test_event_type_passes_the_check_and_can_be_subscribed_to(name: str) -> None:
    event_types.check_name(name)

    assert matches(["*"], name) is True


@pytest.mark.parametrize(
    "name",
    ["", "order", "Order.created", "1.a", "_a.b", "a..b", "a.b.", "a.*", "a.b\n", "é.a", "a b.c"],
)
def test_anything_else_is_no_event_type(name: str) -> None:
    with pytest.raises(InvalidEventTypeError, match="is not an event type"):
        event_types.check_name(name)


def test_endless_name_is_not_echoed() -> None:
    with pytest.raises(InvalidEventTypeError) as raised:
        event_types.check_name("a." + "b" * 99)

    assert str(raised.value) == "An event type has at most 100 characters, not 101."


def test_custom_type_gives_way_to_one_that_the_product_took_later(tenant: Tenant) -> None:
    row = make_event_type(tenant, "parcel.dispatched")
    row.name = "webhook.subscription.disabled"
    row.save(update_fields=["name"])

    infos = [info for info in event_types.catalogue(tenant) if info.name == row.name]

    assert [info.source for info in infos] == ["system"]
    assert event_types.find(tenant, "parcel.dispatched") is None
