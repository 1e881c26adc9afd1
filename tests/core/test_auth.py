"""Which secrets open the door, and for whom."""

from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core import services
from core.auth import authenticate
from core.models import ApiKey, Tenant, User
from core.types import Actor, ActorKind
from tests.makers import make_key

NOW = timezone.now()
TOKEN = "an-access-token"


@pytest.fixture
def token(tenant: Tenant, actor: Actor) -> AccessToken:
    """A token of acme's client, for a person of acme."""
    new = services.create_api_client(
        tenant, name="Portal", scopes=["events:read", "records:read"], actor=actor
    )
    user = User.objects.create(username="ann", tenant=tenant)
    return AccessToken.objects.create(
        token=TOKEN,
        user=user,
        application=new.client,
        expires=NOW + timedelta(hours=1),
        scope="events:read events:write",
    )


def test_key_opens_the_door_of_its_tenant(tenant: Tenant) -> None:
    secret = make_key(tenant, "events:read")

    credential = authenticate(secret, NOW)

    assert credential is not None
    assert (credential.kind, credential.tenant) == (ActorKind.API_KEY, tenant)
    assert credential.scopes == {"events:read"}


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": NOW},
        {"expires_at": NOW - timedelta(days=1)},
        {"revoked_at": NOW},
        {"digest": "0" * 64},
    ],
    ids=["expires now", "expired", "revoked", "another secret"],
)
def test_key_that_is_over_opens_nothing(change: dict[str, object], tenant: Tenant) -> None:
    secret = make_key(tenant)
    ApiKey.objects.update(**change)

    assert authenticate(secret, NOW) is None


def test_key_of_a_tenant_that_is_switched_off_opens_nothing(tenant: Tenant) -> None:
    secret = make_key(tenant)
    Tenant.objects.update(active=False)

    assert authenticate(secret, NOW) is None


@pytest.mark.parametrize(
    "secret", ["", "pbk_", "pbk__", "pbk_x_y", "x" * 100_000, "pbk_" + "é" * 50, "Bearer"]
)
def test_what_is_no_secret_opens_nothing(secret: str, tenant: Tenant) -> None:
    make_key(tenant)

    assert authenticate(secret, NOW) is None


def test_secret_of_another_key_with_the_same_prefix_opens_nothing(tenant: Tenant) -> None:
    secret = make_key(tenant)

    assert authenticate(secret[:-1] + ("a" if secret[-1] != "a" else "b"), NOW) is None


def test_token_may_do_what_both_it_and_its_client_may(token: AccessToken, tenant: Tenant) -> None:
    credential = authenticate(TOKEN, NOW)

    assert credential is not None
    assert (credential.kind, credential.tenant) == (ActorKind.API_CLIENT, tenant)
    assert credential.label == "Portal for ann"
    assert credential.scopes == {"events:read"}


def test_expired_token_opens_nothing(token: AccessToken) -> None:
    assert authenticate(TOKEN, NOW + timedelta(hours=1)) is None


def test_token_of_a_tenant_that_is_switched_off_opens_nothing(token: AccessToken) -> None:
    Tenant.objects.update(active=False)

    assert authenticate(TOKEN, NOW) is None


def test_token_of_someone_who_left_opens_nothing(token: AccessToken) -> None:
    User.objects.update(is_active=False)

    assert authenticate(TOKEN, NOW) is None


def test_token_of_someone_who_moved_to_another_tenant_opens_nothing(
    token: AccessToken, stranger: Tenant
) -> None:
    User.objects.update(tenant=stranger)

    assert authenticate(TOKEN, NOW) is None
