"""A worker that stays for deliveries, and makes room for the next one."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from core import wakeups
from core.models import Tenant
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription, publish
from webhooks import attending, building
from webhooks.dispatch import DELIVER_TASK
from webhooks.models import Attempt, Delivery, Lane

pytestmark = pytest.mark.django_db(transaction=True)
SHORTLY = timedelta(seconds=0.5)


def queued() -> list[str]:
    return [row.func() for row in OrmQ.objects.order_by("id")]


def test_what_is_committed_is_handed_out_and_sent(tenant: Tenant, sink: Sink) -> None:
    make_subscription(tenant, sink.url)
    publish(tenant)

    attempts = attending.attend(longest=SHORTLY)

    assert (attempts, len(sink.requests)) == (1, 1)


def test_request_under_way_at_the_end_of_a_stay_is_waited_for(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "LEAVE_SECONDS", 0.0)
    with Sink([Answer(delay=1.5)]) as slow:
        make_delivery(make_subscription(tenant, slow.url))

        attempts = attending.attend(longest=SHORTLY)

    assert (attempts, len(slow.requests)) == (1, 1)
    assert Attempt.objects.get().status_code == 204
    assert Lane.objects.get().owner is None


def test_successor_is_called_once_and_finds_a_seat(tenant: Tenant) -> None:
    OrmQ.objects.all().delete()

    attending.attend(longest=SHORTLY)
    attending.attend(longest=SHORTLY)

    assert queued() == [DELIVER_TASK]
    assert wakeups.take_seat(DELIVER_TASK, 1) is not None


def test_fault_in_the_middle_of_a_stay_keeps_no_seat(
    tenant: Tenant, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))
    OrmQ.objects.all().delete()
    wakeups.answered(DELIVER_TASK)

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as faulty:
        faulty.setattr(building, "workshops", fail)
        with pytest.raises(RuntimeError, match="a fault of ours"):
            attending.attend(longest=SHORTLY)

    assert queued() == [DELIVER_TASK]
    assert wakeups.take_seat(DELIVER_TASK, 1) is not None
    assert Delivery.objects.get().id == delivery.id
