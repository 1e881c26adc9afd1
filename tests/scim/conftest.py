"""A directory that answers over HTTP, and what talks to it."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from scim2_client.engines.httpx2 import SyncSCIMClient

from scim import services
from tests.makers import make_actor, make_tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where an identity provider knocks, and with which token."""

    base_url: str
    token: str


@pytest.fixture
def prompt_server(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> LiveServer:
    """A real server that sends what it has at once; hundreds of requests follow each other."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    return live_server


@pytest.fixture
def profile() -> str:
    """Which identity provider knocks; tests that are about one say so."""
    return "generic"


@pytest.fixture
def door(prompt_server: LiveServer, settings: Settings, profile: str) -> Door:
    """The directory of a new tenant on a real server."""
    settings.PUBLIC_URL = prompt_server.url
    settings.SCIM_RATE_LIMIT_PER_MINUTE = 1_000_000
    tenant = make_tenant("acme")
    opened = services.open_directory(tenant, profile=profile, actor=make_actor())
    return Door(base_url=services.base_url(tenant), token=opened.token.secret)


@pytest.fixture
def scim_client(door: Door) -> Iterator[SyncSCIMClient]:
    """The reference client, which has not yet asked for anything."""
    headers = {"Authorization": f"Bearer {door.token}"}
    with httpx2.Client(base_url=door.base_url, headers=headers) as client:
        yield SyncSCIMClient(client)
