from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_network

import pytest

from core.http import Client, EgressPolicy
from tests.core.http.peers import Answer, Peer, listening


@pytest.fixture
def local_policy() -> EgressPolicy:
    """Return a policy under which the peers of these tests may be reached."""
    return EgressPolicy(https_only=False, allowed_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


@pytest.fixture
def start_peer() -> Iterator[Callable[[Answer], Peer]]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(listening(answer))
