"""Events are handed out beside the sending, and nobody's hinders anybody else's."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection

from core.models import Event, Tenant
from tests.makers import make_event
from tests.sinks import Sink, wait_until
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription
from webhooks import attending, dispatching
from webhooks.dispatching import Dispatcher
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 60.0

ON_POSTGRESQL = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="on SQLite the two take turns in one thread"
)

poisoned: list[str] = []
receivers: list[Sink] = []


def fail_for_the_poisoned(tenant: Tenant, events: Sequence[Event]) -> None:
    if tenant.slug in poisoned:
        poisoned.append(tenant.slug)
        raise RuntimeError("poison")


def wait_for_a_delivery(tenant: Tenant, events: Sequence[Event]) -> None:
    """Take as long as an event that is owed to very many."""
    receivers[0].arrived.get(timeout=PATIENCE_SECONDS)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    poisoned.clear()
    receivers.clear()


def hand_out_until(dispatcher: Dispatcher, *events: Event) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Event.objects.filter(id__in=[event.id for event in events], position=None).exists():
        assert time.monotonic() < deadline, "the events were never handed out"
        dispatcher.call()
        time.sleep(0.01)


def other_sessions() -> set[int]:
    """Return the sessions that others have at this database, by their processes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return {row[0] for row in cursor.fetchall()}


@ON_POSTGRESQL
def test_what_is_due_is_sent_while_events_are_handed_out(
    tenant: Tenant, stranger: Tenant, sink: Sink, settings: LazySettings
) -> None:
    make_delivery(make_subscription(stranger, sink.url))
    settings.EVENT_CONSUMERS = [f"{__name__}.wait_for_a_delivery"]
    receivers.append(sink)
    make_event(tenant)

    attending.attend(longest=timedelta(seconds=1))

    assert Delivery.objects.get().state == Delivery.State.DELIVERED
    assert Event.objects.for_tenant(tenant).get().position == 1


def test_tenant_whose_events_fail_is_left_alone_for_a_while(
    tenant: Tenant, stranger: Tenant, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "AFTER_FAILURE_SECONDS", 600.0)
    settings.EVENT_CONSUMERS = [f"{__name__}.fail_for_the_poisoned"]
    poisoned.append(tenant.slug)
    make_event(tenant)
    with Dispatcher() as dispatcher:
        hand_out_until(dispatcher, make_event(stranger))

        hand_out_until(dispatcher, make_event(stranger), make_event(stranger))

    assert poisoned == [tenant.slug, tenant.slug]
    assert Event.objects.for_tenant(tenant).get().position is None


def test_tenant_whose_events_failed_is_tried_again_after_a_while(
    tenant: Tenant, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "AFTER_FAILURE_SECONDS", 0.05)
    settings.EVENT_CONSUMERS = [f"{__name__}.fail_for_the_poisoned"]
    poisoned.append(tenant.slug)
    event = make_event(tenant)
    with Dispatcher() as dispatcher:
        dispatcher.call()
        wait_until(lambda: dispatcher.call() or len(poisoned) > 1, PATIENCE_SECONDS)
        poisoned.clear()

        hand_out_until(dispatcher, event)

    assert Event.objects.get(id=event.id).position == 1


@ON_POSTGRESQL
def test_dispatcher_goes_on_when_its_connection_is_lost(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    monkeypatch.setattr(dispatching, "AFTER_FAILURE_SECONDS", 0.1)
    settings.EVENT_CONSUMERS = []
    with Dispatcher() as dispatcher:
        hand_out_until(dispatcher, make_event(tenant))
        lost = other_sessions()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM unnest(%s) pid", [[*lost]])

        hand_out_until(dispatcher, make_event(tenant))

    assert lost


@ON_POSTGRESQL
def test_dispatcher_that_has_ended_leaves_no_connection_behind(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.EVENT_CONSUMERS = []
    before = other_sessions()
    with Dispatcher() as dispatcher:
        hand_out_until(dispatcher, make_event(tenant))
        own = other_sessions() - before

    assert own
    wait_until(lambda: not own & other_sessions(), PATIENCE_SECONDS)
