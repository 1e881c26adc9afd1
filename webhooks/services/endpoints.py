"""Creating, changing and switching endpoints, and the secrets that verify what they receive."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core import audit, wakeups
from core.models import Tenant
from core.types import Actor
from webhooks.deletion import ERASE_TASK
from webhooks.errors import InvalidEndpointError, RotationRefusedError
from webhooks.inbound import validation
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, EndpointSecret
from webhooks.models.endpoint import MAX_SLUG_CHARACTERS
from webhooks.redaction import MASK
from webhooks.services.secrets import MAX_LIVE_SECRETS, MAX_OVERLAP, ROTATION_OVERLAP, TOO_MANY
from webhooks.types import EndpointFields

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedEndpoint:
    """An endpoint as it was saved. ``secret`` is there when one was made for it: known only now."""

    endpoint: Endpoint
    secret: str = field(default="", repr=False)


@transaction.atomic
def create_endpoint(
    tenant: Tenant, fields: EndpointFields, *, actor: Actor, secret: str = ""
) -> SavedEndpoint:
    """Create an endpoint; ``secret`` is what its sender signs with.

    Without one, a fresh one is made where the sender can be told which one to take. Where it is the
    sender who makes it, every request is refused until it is known. Raises InvalidEndpointError with
    everything there is to correct.
    """
    # Of two that want the same path at once, the second one sees the first.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    endpoint = Endpoint(tenant=tenant)
    _assign(endpoint, fields)
    problems = validation.check(endpoint)
    if secret and not problems and (problem := validation.check_secret(endpoint, secret)):
        problems.append(problem)
    if problems:
        raise InvalidEndpointError(problems)
    scheme = SCHEMES[endpoint.scheme]
    made = "" if secret or not scheme.secret_is_ours else scheme.new_secret()
    endpoint.save(force_insert=True)
    if secret or made:
        _keep(endpoint, secret or made, timezone.now())
    audit.record(
        "endpoint.created",
        tenant=tenant,
        actor=actor,
        target=endpoint,
        details={"path": endpoint.path, "scheme": endpoint.scheme},
    )
    return SavedEndpoint(endpoint=endpoint, secret=made)


@transaction.atomic
def update_endpoint(
    endpoint: Endpoint, changes: EndpointFields, *, actor: Actor, secret: str = ""
) -> Endpoint:
    """Change the fields that ``changes`` names, and read the rest of ``endpoint`` anew.

    A value that is the mask keeps the stored one of its name. With a ``secret``, as another sender
    has another one, all those before end at once. Raises InvalidEndpointError with everything there
    is to correct, also when a stored secret does not fit a new scheme.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=endpoint.tenant_id)
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    scheme_before = locked.scheme
    _assign(locked, changes)
    problems = validation.check(locked)
    if not problems and secret:
        problems = [each for each in [validation.check_secret(locked, secret)] if each]
    elif not problems and locked.scheme != scheme_before:
        problems = _unfit_secrets(locked)
    if problems:
        raise InvalidEndpointError(problems)
    if secret:
        _replace_secrets(locked, secret, timezone.now(), timedelta(0))
    locked.save(update_fields=[*changes, "updated_at"])
    audit.record(
        "endpoint.updated",
        tenant=locked.tenant,
        actor=actor,
        target=locked,
        details={"fields": sorted(changes)},
    )
    endpoint.refresh_from_db()
    return endpoint


@transaction.atomic
def switch_endpoint(endpoint: Endpoint, *, on: bool, actor: Actor) -> None:
    """Have an endpoint take requests, or refuse them all. Safe to call twice.

    Nothing else about it is judged: what cannot be saved any more can still be switched off.
    """
    rows = Endpoint.objects.filter(pk=endpoint.pk, enabled=not on)
    if rows.update(enabled=on, updated_at=timezone.now()):
        action = "endpoint.enabled" if on else "endpoint.disabled"
        audit.record(action, tenant=endpoint.tenant, actor=actor, target=endpoint)
    endpoint.refresh_from_db()


@transaction.atomic
def delete_endpoint(endpoint: Endpoint, *, actor: Actor) -> None:
    """Delete an endpoint: it takes nothing any more, and nothing of it is seen. Safe to call twice.

    Its secrets are erased at once, its messages in the background.
    """
    now = timezone.now()
    if not Endpoint.objects.filter(pk=endpoint.pk).update(
        deleted_at=now, enabled=False, expected_headers=[], options={}, updated_at=now
    ):
        return
    EndpointSecret.objects.filter(endpoint=endpoint).delete()
    audit.record("endpoint.deleted", tenant=endpoint.tenant, actor=actor, target=endpoint)
    wakeups.wake(ERASE_TASK)


@transaction.atomic
def replace_endpoint_secret(
    endpoint: Endpoint,
    *,
    actor: Actor,
    overlap: timedelta = ROTATION_OVERLAP,
    secret: str = "",
) -> SavedEndpoint:
    """Replace the secrets of an endpoint; the old ones go on being believed for ``overlap``.

    Without a ``secret`` a fresh one is made, where it is not the sender who makes it. Raises
    RotationRefusedError, also for a secret that cannot be used.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise RotationRefusedError(f"The overlap must be from 0 to {MAX_OVERLAP.days} days.")
    # Of two people who replace it at once, the second one replaces the first one's secret.
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    scheme = SCHEMES[locked.scheme]
    if not secret and not scheme.secret_is_ours:
        raise RotationRefusedError(f"The secret is made by the sender: {scheme.hint}")
    if secret and (problem := validation.check_secret(locked, secret)):
        raise RotationRefusedError(problem.message)
    now = timezone.now()
    made = "" if secret else scheme.new_secret()
    _replace_secrets(locked, secret or made, now, overlap)
    # Web processes remember the endpoint with its secrets until it has another moment.
    locked.save(update_fields=["updated_at"])
    audit.record(
        "endpoint.secret_replaced",
        tenant=locked.tenant,
        actor=actor,
        target=locked,
        details={"old_secrets_expire_at": (now + overlap).isoformat()},
    )
    return SavedEndpoint(endpoint=locked, secret=made)


def slug_for(path: str, words: int = 1) -> str:
    """Return the word for an endpoint's events that the end of its path suggests: ``external_service``."""
    end = "_".join(path.split("/")[-words:])
    word = _NOT_IN_SLUGS.sub("_", end.lower()).strip("_")
    return (word if word[:1].isalpha() else f"hook_{word}".strip("_"))[:MAX_SLUG_CHARACTERS]


def _free_slug(endpoint: Endpoint) -> str:
    """Return one that no other endpoint has: ``github``, or else ``shop_b_github``, or ``github_2``."""
    others = Endpoint.objects.filter(tenant=endpoint.tenant_id).exclude(pk=endpoint.pk)
    taken = set(others.values_list("slug", flat=True))
    longer = (slug_for(endpoint.path, words) for words in range(1, endpoint.path.count("/") + 2))
    start = slug_for(endpoint.path)[: MAX_SLUG_CHARACTERS - 5]
    numbered = (f"{start}_{number}" for number in count(2))
    return next(slug for slug in chain(longer, numbered) if slug not in taken)


def _replace_secrets(endpoint: Endpoint, secret: str, now: datetime, overlap: timedelta) -> None:
    secrets: Any = EndpointSecret.objects.filter(endpoint=endpoint)
    # One that somebody else has got to know may have been replaced already, with an overlap.
    secrets.end(now + overlap)
    if secrets.live(now).count() >= MAX_LIVE_SECRETS:
        raise RotationRefusedError(TOO_MANY)
    newest = secrets.aggregate(moment=Max("created_at"))["moment"]
    # The newest comes first, also when a clock was put back since the last one.
    later = now if newest is None else max(now, newest + timedelta(microseconds=1))
    _keep(endpoint, secret, later)


def _keep(endpoint: Endpoint, secret: str, now: datetime) -> None:
    EndpointSecret.objects.create(
        tenant_id=endpoint.tenant_id, endpoint=endpoint, secret=secret, created_at=now
    )


def _unfit_secrets(endpoint: Endpoint) -> list[Any]:
    rows = EndpointSecret.objects.filter(endpoint=endpoint).live(timezone.now())
    found = (validation.check_secret(endpoint, row.secret) for row in rows)
    return [problem for problem in found if problem is not None][:1]


def _assign(endpoint: Endpoint, fields: EndpointFields) -> None:
    headers = {each["name"].lower(): each["value"] for each in endpoint.expected_headers}
    options = dict(endpoint.options)
    for name, value in fields.items():
        setattr(endpoint, name, value)
    if "expected_headers" in fields:
        endpoint.expected_headers = [
            {"name": each["name"], "value": _unmasked(each["value"], each["name"].lower(), headers)}
            for each in fields["expected_headers"]
        ]
    if "options" in fields:
        endpoint.options = {
            name: _unmasked(value, name, options) for name, value in fields["options"].items()
        }
    endpoint.path = str(endpoint.path).strip("/")
    endpoint.slug = endpoint.slug or _free_slug(endpoint)


def _unmasked(value: str, name: str, stored: Mapping[str, str]) -> str:
    return stored.get(name, MASK) if value == MASK else value
