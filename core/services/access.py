"""Ending what a person may do here, at once and everywhere."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from core import audit
from core.models import ApiKey, User
from core.types import Actor

# In the order in which they point at each other.
_TOKENS = (RefreshToken, AccessToken, IDToken, Grant)


@transaction.atomic
def end_access(user: User, *, actor: Actor) -> None:
    """Switch an account off, and end its sessions, OAuth 2.0 tokens and API keys.

    None of them comes back when the account is switched on again.
    """
    for model in _TOKENS:
        model.objects.filter(user=user).delete()
    keys = ApiKey.objects.filter(owner=user, revoked_at=None).update(revoked_at=timezone.now())
    user.is_active = False
    user.session_generation = F("session_generation") + 1
    fields = ["is_active", "session_generation"]
    user.save(update_fields=fields)
    user.refresh_from_db(fields=fields)
    audit.record(
        "staff.access_ended",
        tenant=user.tenant,
        actor=actor,
        target=user,
        details={"api_keys": keys},
    )


@transaction.atomic
def restore_access(user: User, *, actor: Actor) -> None:
    """Switch an account on again; who it was has to sign in anew."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("staff.access_restored", tenant=user.tenant, actor=actor, target=user)
