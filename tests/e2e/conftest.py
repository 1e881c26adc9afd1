"""Each module of these tests has an installation of its own, with a running web server."""

from collections.abc import Iterator

import pytest

from tests.e2e.installation import Api, Installation, Web, copy_of, prepare
from tests.e2e.leases import let_leases_end


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """What the installations are copied from: migrated, with the tenant acme."""
    installation = prepare(tmp_path_factory.mktemp("prepared"))
    yield installation
    installation.database.drop()


@pytest.fixture(scope="module")
def installation(
    prepared: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    copied = copy_of(prepared, tmp_path_factory.mktemp("installation"))
    yield copied
    copied.database.drop()


@pytest.fixture(autouse=True)
def _killed_workers_hold_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no test wait for what the killed workers of the one before it still held."""
    yield
    if "installation" in request.fixturenames:
        let_leases_end(request.getfixturevalue("installation"))


@pytest.fixture(scope="module")
def web(installation: Installation) -> Iterator[Web]:
    with installation.web() as started:
        yield started


@pytest.fixture(scope="module")
def api(installation: Installation, web: Web) -> Api:
    """The API of the module's web server, with orders defined."""
    api = installation.api(web)
    api.define_orders()
    return api
