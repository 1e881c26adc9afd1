"""Making and replacing what deliveries are signed with."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core import audit
from core.types import Actor
from webhooks import signing
from webhooks.errors import RotationRefusedError
from webhooks.models import SigningSecret, Subscription
from webhooks.querysets import SigningSecretQuerySet
from webhooks.types import NewSecret

ROTATION_OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(days=7)
TOO_MANY = (
    "Too many replaced secrets are still in force; wait until some of them have expired, or replace"
    " them all with an overlap of 0."
)
MAX_LIVE_SECRETS = 10

Kind = SigningSecret.Kind


def issue(subscription: Subscription, now: datetime, secret: str = "") -> tuple[NewSecret, ...]:
    """Make the keys that a subscription's scheme asks for and that it does not have yet.

    There is always a secret for HMAC, which the plain signature of the body needs as well.
    ``secret`` is used for it instead of a random one. Raises signing.SecretError.
    """
    present = set(
        SigningSecret.objects.filter(subscription=subscription)
        .current()
        .values_list("kind", flat=True)
    )
    return tuple(
        _make(subscription, kind, now, secret if kind == Kind.HMAC else "")
        for kind in _kinds(subscription)
        if kind not in present
    )


@transaction.atomic
def rotate_secret(
    subscription: Subscription,
    *,
    actor: Actor,
    overlap: timedelta = ROTATION_OVERLAP,
    secret: str = "",
) -> tuple[NewSecret, ...]:
    """Replace every key of a subscription; the old ones go on signing beside the new for ``overlap``.

    Returns the new keys, that for HMAC first. ``secret``, if the tenant brings its own, is that
    one. Raises RotationRefusedError, also for a secret that cannot be used.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise RotationRefusedError(f"The overlap must be from 0 to {MAX_OVERLAP.days} days.")
    # Of two people who rotate at once, the second one replaces the first one's secret.
    Subscription.objects.select_for_update().get(pk=subscription.pk)
    now = timezone.now()
    secrets = SigningSecret.objects.filter(subscription=subscription)
    expire_at = now + overlap
    # One that somebody else has got to know may have been replaced already, with an overlap.
    secrets.end(expire_at)
    if secrets.live(now).count() >= MAX_LIVE_SECRETS:
        raise RotationRefusedError(TOO_MANY)
    try:
        new = issue(subscription, _later_than_any(secrets, now), secret)
    except signing.SecretError as error:
        raise RotationRefusedError(f"{error}.") from error
    audit.record(
        "subscription.secret_rotated",
        tenant=subscription.tenant,
        actor=actor,
        target=subscription,
        details={"old_secrets_expire_at": expire_at.isoformat()},
    )
    return new


def _later_than_any(secrets: SigningSecretQuerySet, now: datetime) -> datetime:
    """Return ``now``, or what comes just after the newest key if a clock was put back since.

    Receivers find the newest key in front, and the oldest in the plain header.
    """
    newest = secrets.aggregate(moment=Max("created_at"))["moment"]
    return now if newest is None else max(now, newest + timedelta(microseconds=1))


def _kinds(subscription: Subscription) -> list[str]:
    hmac_only = subscription.signature_scheme == Subscription.SignatureScheme.HMAC
    return [Kind.HMAC] if hmac_only else [Kind.HMAC, Kind.ED25519]


def _make(subscription: Subscription, kind: str, now: datetime, secret: str) -> NewSecret:
    if kind == Kind.HMAC:
        new = NewSecret(kind=kind, secret=secret or signing.new_secret())
        signing.check_secret(new.secret)
        stored = new.secret
    else:
        stored, public = signing.new_key_pair()
        new = NewSecret(kind=kind, secret="", public_key=public)
    SigningSecret.objects.create(
        tenant_id=subscription.tenant_id,
        subscription=subscription,
        kind=kind,
        secret=stored,
        created_at=now,
    )
    return new
