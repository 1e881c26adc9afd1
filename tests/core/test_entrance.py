"""Doors at which a credential, what is behind, and the rate limit are asked for at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core import services
from core.entrance import Entrance, Entry, enter
from core.models import ApiKey, Tenant
from core.types import Actor
from tests.makers import make_config_value, make_key

NOW = timezone.now()
DOOR = Entrance(
    name="test",
    columns="v.name AS value_name",
    join="LEFT JOIN core_configvalue v ON v.tenant_id = t.id",
)
pytestmark = pytest.mark.django_db


def come(
    secret: str, *, slug: str = "acme", per_minute: int = 60, seconds: int = 0
) -> Entry | None:
    now = NOW + timedelta(seconds=seconds)
    return enter(DOOR, secret, now, slug=slug, per_minute=per_minute)


def allowed(entry: Entry | None) -> bool:
    assert entry is not None
    return entry.rate.allowed


@pytest.fixture(params=["key", "access token"])
def secret(request: pytest.FixtureRequest, tenant: Tenant, actor: Actor) -> str:
    """A secret of acme's, of each kind."""
    if request.param == "key":
        return make_key(tenant)
    new = services.create_api_client(tenant, name="Portal", scopes=["events:read"], actor=actor)
    AccessToken.objects.create(
        token="an-access-token", application=new.client, expires=NOW + timedelta(hours=1)
    )
    return "an-access-token"


def test_whoever_comes_in_finds_what_is_behind(secret: str, tenant: Tenant) -> None:
    before = come(secret)
    make_config_value(tenant, "port")

    entry = come(secret)

    assert before is not None
    assert entry is not None
    assert entry.credential.tenant == tenant
    assert (list(before.behind), list(entry.behind)) == ([None], ["port"])


def test_door_of_another_tenant_stays_shut(secret: str, stranger: Tenant) -> None:
    assert come(secret, slug=stranger.slug) is None
    assert come(secret, slug="nobody") is None


def test_limit_of_the_door_is_for_each_credential(secret: str, tenant: Tenant) -> None:
    other = make_key(tenant)

    answers = [allowed(come(secret, per_minute=2)) for _ in range(3)]

    assert answers == [True, True, False]
    assert allowed(come(other, per_minute=2))
    assert allowed(come(secret, per_minute=2, seconds=30))
    assert not allowed(come(secret, per_minute=2, seconds=30))


@pytest.mark.parametrize(("own", "answers"), [(1, [True, False]), (0, [False, False])])
def test_limit_of_the_key_itself_comes_first(own: int, answers: list[bool], tenant: Tenant) -> None:
    secret = make_key(tenant)
    ApiKey.objects.update(rate_limit=own)

    assert [allowed(come(secret)) for _ in range(2)] == answers


def test_request_too_many_is_told_when_to_come_again(tenant: Tenant) -> None:
    secret = make_key(tenant)
    come(secret, per_minute=1)

    entry = come(secret, per_minute=1, seconds=20)

    assert entry is not None
    assert not entry.rate.allowed
    assert entry.rate.retry_after == timedelta(seconds=40)
    assert allowed(come(secret, per_minute=1, seconds=60))
