"""Changes to OAuth 2.0 clients."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from core import audit
from core.models import ApiClient, Tenant
from core.services.scopes import check_scopes
from core.types import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """An OAuth client and its secret, which is known only now."""

    client: ApiClient
    secret: str


@transaction.atomic
def create_api_client(
    tenant: Tenant,
    *,
    name: str,
    scopes: Iterable[str],
    actor: Actor,
    redirect_uris: Iterable[str] = (),
    public: bool = False,
    rate_limit: int | None = None,
) -> NewClient:
    """Create an OAuth client: client credentials, or authorization code when it has redirect URIs.

    A public client has no secret and proves itself with PKCE alone (RFC 8252).
    """
    uris = list(redirect_uris)
    grant = ApiClient.GRANT_AUTHORIZATION_CODE if uris else ApiClient.GRANT_CLIENT_CREDENTIALS
    secret = "" if public else generate_client_secret()
    client = ApiClient(
        tenant=tenant,
        name=name,
        scopes=check_scopes(scopes),
        client_type=ApiClient.CLIENT_PUBLIC if public else ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=grant,
        redirect_uris=" ".join(uris),
        client_secret=secret,
        rate_limit=rate_limit,
    )
    client.full_clean(exclude=["client_secret"])
    client.save()
    audit.record(
        "api_client.created",
        tenant=tenant,
        actor=actor,
        target=client,
        details={"scopes": client.scopes, "grant": grant},
    )
    return NewClient(client=client, secret=secret)


@transaction.atomic
def renew_client_secret(client: ApiClient, *, actor: Actor) -> str:
    """Give a client a new secret; the old one and every token it obtained stop working at once."""
    secret: str = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    now = timezone.now()
    # First what tokens come of, waiting for exchanges under way; then what these have left.
    Grant.objects.filter(application=client).delete()
    live = RefreshToken.objects.filter(Q(application=client), revoked=None)
    list(live.select_for_update().values_list("id"))
    live.update(revoked=now)
    AccessToken.objects.filter(application=client).delete()
    audit.record("api_client.secret_renewed", tenant=client.tenant, actor=actor, target=client)
    return secret
