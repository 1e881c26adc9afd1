"""What a process remembers of an endpoint never decides more than the database would."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.models import Tenant
from tests.endpoints import SECRET, make_endpoint, push
from tests.inbound import arrival
from tests.makers import make_actor
from tests.parallel import in_threads
from webhooks import services
from webhooks.inbound import reception
from webhooks.inbound.schemes.scheme import RefusalError
from webhooks.models import Endpoint, EndpointSecret, Message, Refusal
from webhooks.types import EndpointFields

pytestmark = pytest.mark.django_db

NEW_SECRET = "the secret that comes after it"


def change(**fields: object) -> Callable[[Endpoint], object]:
    """Return what gives an endpoint other ``fields``."""
    changes: EndpointFields = fields  # type: ignore[assignment]
    return lambda endpoint: services.update_endpoint(endpoint, changes, actor=make_actor())


def replace_at_once(endpoint: Endpoint) -> object:
    """Have an endpoint believe another secret alone."""
    return services.replace_endpoint_secret(
        endpoint, actor=make_actor(), overlap=timedelta(0), secret=NEW_SECRET
    )


def switch_tenant_off(endpoint: Endpoint) -> object:
    """Switch off whom an endpoint belongs to."""
    return Tenant.objects.filter(pk=endpoint.tenant_id).update(active=False)


def delete(endpoint: Endpoint) -> object:
    """Delete an endpoint."""
    return services.delete_endpoint(endpoint, actor=make_actor())


@pytest.mark.parametrize(
    ("happening", "reason"),
    [
        (change(enabled=False), "unknown"),
        (change(path="elsewhere"), "unknown"),
        (change(methods=["PUT"]), "method"),
        (change(allowed_networks=["192.0.2.0/24"]), "ip_address"),
        (change(expected_headers=[{"name": "X-Team", "value": ""}]), "header"),
        (replace_at_once, "wrong_signature"),
        (switch_tenant_off, "unknown"),
        (delete, "unknown"),
    ],
)
def test_a_change_holds_for_the_next_request(
    tenant: Tenant, happening: Callable[[Endpoint], object], reason: str
) -> None:
    endpoint = make_endpoint(tenant)
    path = endpoint.path
    push(endpoint, "before")
    happening(endpoint)
    endpoint.path = path

    answer = push(endpoint, "after")

    assert answer.status_code == 401
    assert Refusal.objects.get().reason == reason
    assert not Message.objects.filter(key="after").exists()


def test_what_is_allowed_anew_is_taken_at_once(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, max_body_bytes=1_024)
    push(endpoint, "before")
    services.update_endpoint(
        endpoint, {"max_body_bytes": None, "answer_body": "new"}, actor=make_actor()
    )
    replace_at_once(endpoint)

    answer = push(endpoint, "after", "x" * 2_000, secret=NEW_SECRET)

    assert (answer.status_code, answer.content) == (200, b"new")
    assert Message.objects.get(key="after").trace[0] == "The signature matched secret 1 of 1"


def test_a_limit_of_requests_holds_from_the_next_one(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    push(endpoint, "before")
    change(rate_limit=2)(endpoint)

    answers = [push(endpoint, name).status_code for name in ("1", "2", "3", "4")]

    assert answers == [200, 200, 429, 429]
    assert [(row.reason, row.count) for row in Refusal.objects.all()] == [("rate_limit", 2)]


def test_a_secret_that_expires_is_not_believed_from_memory(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    services.replace_endpoint_secret(endpoint, actor=make_actor(), secret=NEW_SECRET)
    push(endpoint, "before")
    expiry = EndpointSecret.objects.exclude(expires_at=None).get().expires_at or timezone.now()

    before = reception.receive(arrival(endpoint, secret=SECRET), expiry - timedelta(seconds=1))
    with pytest.raises(RefusalError, match="matches any of the secrets"):
        reception.receive(arrival(endpoint, secret=SECRET), expiry)

    assert before.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_every_request_is_kept_while_the_endpoint_is_being_changed(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    def work(number: int) -> list[int]:
        if number == 0:
            for turn in range(30):
                change(description=str(turn))(endpoint)
            return []
        return [push(endpoint, f"{number}-{turn}").status_code for turn in range(30)]

    results = in_threads(4, work)

    assert [status for each in results for status in each] == [200] * 90
    assert Message.objects.count() == 90


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to restart")
def test_a_lost_connection_costs_nothing(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    push(endpoint, "before")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (lost,) = cursor.fetchone()
    in_threads(1, lambda _: _terminate(lost))

    answer = push(endpoint, "after")

    assert answer.status_code == 200
    assert Message.objects.filter(key="after").exists()


def _terminate(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [process])
