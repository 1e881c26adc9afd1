"""Receivers whose names hang do no harm to those of another tenant."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from core import events
from core.http.resolving import resolve
from core.models import Tenant
from tests.drains import turn_until
from tests.sinks import Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_subscription, publish
from webhooks.delivery import Drain
from webhooks.models import Delivery

HOSTILE = ".hostile.test"
DOMAINS = 40
HANG_SECONDS = 90.0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Have the system answer 127.0.0.1 for each name, the hostile ones not before the end.

    Return those of them that it was asked for.
    """
    answer, ended, asked = socket.getaddrinfo, threading.Event(), set[str]()

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host.endswith(HOSTILE):
            asked.add(host)
            ended.wait(HANG_SECONDS)
        return list(answer("127.0.0.1", *args, **kwargs))

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    resolve.forget()
    yield asked
    resolve.forget()
    ended.set()


def test_tenant_whose_receivers_names_all_hang_leaves_look_ups_for_a_new_name_of_another(
    tenant: Tenant, stranger: Tenant, sink: Sink, asked: set[str]
) -> None:
    for number in range(DOMAINS):
        make_subscription(tenant, f"http://d{number}{HOSTILE}:59999/", name=f"No. {number}")
    publish(tenant)
    events.dispatch()

    with Drain() as drain:
        turn_until(drain, lambda: drain.busy and len(asked) >= 7)
        make_subscription(stranger, sink.url.replace("127.0.0.1", "hooks.calm.example"))
        publish(stranger)
        events.dispatch()
        turn_until(drain, lambda: sink.requests)
        turn_until(drain, lambda: not Delivery.objects.for_tenant(stranger).pending().exists())

    assert len(asked) == 7
    assert len(sink.requests) == 1
