"""What the catalog of events says of endpoints is what they become."""

import pytest

from core import event_types
from core.models import Tenant
from core.types import EventTypeInfo
from core.validation import compile_schema
from tests.endpoints import make_endpoint, make_processed
from webhooks.inbound.schemes import SCHEMES

pytestmark = pytest.mark.django_db


def described(tenant: Tenant) -> list[EventTypeInfo]:
    """Return what the catalog says of inbound events."""
    return [each for each in event_types.catalogue(tenant) if each.name.startswith("inbound.")]


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ("github", "inbound.code.ping"),
        ("stripe", "inbound.code.invoice.paid"),
        ("slack", "inbound.code.app_mention"),
        ("dropbox", "inbound.code.received"),
        ("bearer", "inbound.code.received"),
    ],
)
def test_before_anything_came_it_is_what_the_sender_could_send(
    tenant: Tenant, scheme: str, name: str
) -> None:
    make_endpoint(tenant, scheme=scheme, secret="")

    [info] = described(tenant)

    assert (info.name, info.family) == (name, "inbound.code.*")
    assert info.example["endpoint"] == "code"


def test_what_came_is_in_the_catalog(tenant: Tenant) -> None:
    make_processed(make_endpoint(tenant))

    assert [info.name for info in described(tenant)] == ["inbound.code.push"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_example_fits_its_schema(tenant: Tenant, scheme: str) -> None:
    options = {"verify_token": "known to both"} if scheme == "meta" else {}
    make_endpoint(tenant, scheme=scheme, secret="", options=options)

    [info] = described(tenant)

    assert list(compile_schema(dict(info.schema)).check(info.example)) == []
