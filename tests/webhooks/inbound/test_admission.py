"""Who may send to an endpoint, and what every request must carry."""

import pytest

from core.models import Tenant
from tests.endpoints import make_endpoint, post, signed
from webhooks.models import Message, Refusal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["192.0.2.0/24"], "192.0.2.7", 200),
        (["192.0.2.0/24"], "::ffff:192.0.2.7", 200),
        (["192.0.2.0/24"], "192.0.3.7", 401),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "192.0.2.7", 401),
        (["192.0.2.7"], "not an address", 401),
    ],
)
def test_only_allowed_addresses_get_in(
    tenant: Tenant, networks: list[str], address: str, status: int
) -> None:
    endpoint = make_endpoint(tenant, allowed_networks=networks)

    answer = post(endpoint, signed(endpoint, b"{}"), REMOTE_ADDR=address)

    assert answer.status_code == status
    assert Message.objects.count() == (status == 200)


def test_what_a_client_writes_into_x_forwarded_for_is_not_believed(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, allowed_networks=["192.0.2.0/24"])
    incoming = signed(endpoint, b"{}", {"x-forwarded-for": "192.0.2.7"})

    answer = post(endpoint, incoming)

    assert answer.status_code == 401
    assert Refusal.objects.get().reason == "ip_address"


@pytest.mark.parametrize(
    ("value", "status"),
    [("your-secret", 200), ("your-secret ", 200), ("Your-secret", 401), ("", 401)],
)
def test_expected_headers_must_be_there(tenant: Tenant, value: str, status: int) -> None:
    endpoint = make_endpoint(
        tenant,
        expected_headers=[
            {"name": "Content-Type", "value": "application/json"},
            {"name": "X-Webhook-Secret", "value": "your-secret"},
            {"name": "X-GitHub-Event", "value": ""},
        ],
    )
    headers = {"x-github-event": "push", "x-webhook-secret": value.strip()}
    headers["content-type"] = "application/json; charset=utf-8"

    answer = post(endpoint, signed(endpoint, b"{}", headers))

    assert answer.status_code == status
    if status == 200:
        kept = dict(Message.objects.get().headers)
        assert kept["x-webhook-secret"] == "••••••"
