from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from core.http import Client, ConcurrentClient, EgressPolicy
from core.http.resolving import Addresses, Resolver
from tests.core.http.clients import AnyClient, ClientType, OneAtATime
from tests.core.http.identities import Identity, issue
from tests.core.http.peers import Answer, Peer, listening


@pytest.fixture
def local_policy() -> EgressPolicy:
    """Return a policy under which the peers of these tests may be reached."""
    return EgressPolicy(https_only=False, allowed_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture(params=[Client, OneAtATime], ids=["client", "concurrent"])
def client_type(request: pytest.FixtureRequest) -> ClientType:
    """Return one kind of client and then the other: what is true of one is true of both."""
    chosen: ClientType = request.param
    return chosen


@pytest.fixture
def client(client_type: ClientType) -> Iterator[AnyClient]:
    with closing(client_type()) as client:
        yield client


@pytest.fixture
def threaded_client() -> Iterator[Client]:
    with closing(Client()) as client:
        yield client


@pytest.fixture
def many(local_policy: EgressPolicy) -> Iterator[ConcurrentClient[str]]:
    with closing(ConcurrentClient[str](policy=local_policy)) as client:
        yield client


@pytest.fixture
def resolving_with(client_type: ClientType) -> Iterator[Callable[[Resolver], AnyClient]]:
    """Return what makes a client with a resolver of the test's own."""
    with ExitStack() as stack:
        yield lambda resolve: stack.enter_context(closing(client_type(resolve=resolve)))


@pytest.fixture
def start_peer() -> Iterator[Callable[[Answer], Peer]]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(listening(answer))


@pytest.fixture
def authority(tmp_path: Path) -> Identity:
    return issue(tmp_path, "authority.example")


@pytest.fixture
def trusting_policy(local_policy: EgressPolicy, authority: Identity) -> EgressPolicy:
    return replace(local_policy, https_only=True, ca_bundle=str(authority.path))


@pytest.fixture
def loopback_client(resolving_with: Callable[[Resolver], AnyClient]) -> AnyClient:
    """Return a client for which every name leads to 127.0.0.1."""

    def resolve(host: str, seconds: float) -> Addresses:
        return (ip_address("127.0.0.1"),)

    return resolving_with(resolve)
