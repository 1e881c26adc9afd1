"""Fixtures that every app's tests start from.

Two tenants stand in each test that asks for them: ``acme``, whose rows are looked at, and
``globex``, the stranger, who must never see or touch any of them.
"""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from django.conf import LazySettings, settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import override_settings
from hypothesis import settings as laws
from rest_framework.test import APIClient

from core.models import Tenant
from core.types import Actor
from tests.makers import make_actor, make_key, make_tenant

# The people of the admin are fixtures of every app.
pytest_plugins = ["tests.staff"]


# A law holds however slow the machine is.
laws.register_profile("patchbay", deadline=None)
laws.load_profile("patchbay")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Test SQLite as a file, as it is used: only so can threads and processes meet in it."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(name)


class QuickPasswordHasher(PBKDF2PasswordHasher):
    """The hash of people's passwords, but for its slowness, which guards nothing here."""

    iterations = 1


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash passwords in no time. (What the product does: tests/config/test_passwords.py.)"""
    quick = f"{__name__}.{QuickPasswordHasher.__name__}"
    with override_settings(PASSWORD_HASHERS=[quick, *settings.PASSWORD_HASHERS[1:]]):
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that mostly wait, so that others keep the processors busy meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


LONGEST_TEST_SECONDS = 240


class HungTestError(Exception):
    """A test was ended from outside."""


@pytest.fixture
def actor() -> Actor:
    return make_actor()


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def stranger(db: None) -> Tenant:
    return make_tenant("globex")


@pytest.fixture
def api(tenant: Tenant) -> APIClient:
    """The API as acme sees it, with every scope."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant)}")
    return client


@pytest.fixture
def stranger_api(stranger: Tenant) -> APIClient:
    """The API as globex sees it, with every scope."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(stranger)}")
    return client


@pytest.fixture(autouse=True)
def _no_test_hangs() -> Iterator[None]:
    """End a test that never would, such as one of an input that makes a parser run away."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise HungTestError(f"the test ran for more than {LONGEST_TEST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_TEST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: LazySettings) -> None:
    """Let deliveries reach the receivers that tests start on 127.0.0.1."""
    settings.OUTBOUND_HTTPS_ONLY = False
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
