"""The request for each delivery: the only place where its secrets are read."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings

from core.errors import DecryptionError
from core.models import ConfigValue, Tenant
from core.types import Json
from webhooks import queue, rendering
from webhooks.errors import RenderError
from webhooks.models import SigningSecret, Subscription
from webhooks.queue import Due
from webhooks.redaction import sensitive
from webhooks.types import Headers, OutboundRequest, Outcome, Rendered, SigningKeys, Templates


def templates_of(subscription: Subscription) -> Templates:
    """Return the sources of a subscription's requests."""
    return Templates(
        method=subscription.method,
        url=subscription.url,
        headers=tuple((header["name"], header["value"]) for header in subscription.headers),
        payload_format=subscription.payload_format,
        payload=subscription.payload,
    )


def timeout_of(subscription: Subscription) -> timedelta:
    """Return how long the receiver has to answer."""
    return timedelta(seconds=subscription.timeout_seconds or settings.DELIVERY_TIMEOUT_SECONDS)


def config_for(tenant: Tenant, names: Iterable[str]) -> dict[str, str]:
    """Return the configuration values among the paths ``names``, and decrypt no others."""
    wanted = rendering.config_names(names)
    if wanted is not None and not wanted:
        return {}
    rows = ConfigValue.objects.for_tenant(tenant)
    if wanted is not None:
        rows = rows.filter(name__in=wanted)
    values: dict[str, str] = rows.as_dict()
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What the requests of one subscription are made with, read once for many deliveries."""

    templates: Templates
    config: Mapping[str, str]
    keys: SigningKeys
    timeout: timedelta
    # When the first of the keys stops signing.
    valid_until: datetime | None = None

    @classmethod
    def of(cls, subscription: Subscription, now: datetime) -> Self:
        """Read what it takes.

        Raises RenderError for malformed templates, and DecryptionError for a stored secret that
        no key in force can read.
        """
        secrets = SigningSecret.objects.filter(subscription=subscription).live(now)
        return cls.with_secrets(subscription, list(secrets))

    @classmethod
    def with_secrets(cls, subscription: Subscription, secrets: Iterable[SigningSecret]) -> Self:
        """Do the same with the ``secrets`` of the subscription, read already, newest first."""
        templates = templates_of(subscription)
        known = tuple(secrets)
        return cls(
            templates=templates,
            config=config_for(subscription.tenant, rendering.names_read(templates)),
            keys=_keys(subscription, known),
            timeout=timeout_of(subscription),
            valid_until=min((each.expires_at for each in known if each.expires_at), default=None),
        )

    def request(
        self, message_id: str, envelope: Mapping[str, Json], now: datetime
    ) -> OutboundRequest:
        """Return the signed request for one event; raise RenderError when there cannot be one."""
        rendered = rendering.render(self.templates, envelope, self.config, now=now)
        signatures = rendering.signature_headers(
            self.keys,
            message_id=message_id,
            timestamp=int(now.timestamp()),
            body=rendered.body,
        )
        return OutboundRequest(
            method=rendered.method,
            url=rendered.url,
            headers=rendered.headers,
            signatures=signatures,
            body=rendered.body,
            timeout=self.timeout,
            secrets=self._secrets(rendered),
        )

    def _secrets(self, rendered: Rendered) -> tuple[str, ...]:
        """Return what an answer that repeats the request must not bring into the log."""
        return (
            *self.config.values(),
            *self.keys.hmac,
            *self.keys.ed25519,
            *_secrets_in(rendered.headers),
        )


def workshops(subscriptions: Collection[str], now: datetime) -> dict[str, Workshop | Outcome]:
    """Return the workshop of each subscription, or the outcome of not being able to have one."""
    try:
        return _workshops(subscriptions, now)
    except DecryptionError:
        # One by one: a secret that cannot be read stops its own subscription and no other.
        made = ((key, _workshop(key, now)) for key in subscriptions)
        return {key: workshop for key, workshop in made if workshop is not None}


def _workshops(subscriptions: Collection[str], now: datetime) -> dict[str, Workshop | Outcome]:
    secrets: dict[str, list[SigningSecret]] = {}
    for secret in SigningSecret.objects.filter(subscription__in=list(subscriptions)).live(now):
        secrets.setdefault(secret.subscription_id, []).append(secret)
    made: dict[str, Workshop | Outcome] = {}
    rows = Subscription.objects.filter(pk__in=list(subscriptions)).select_related("tenant")
    for subscription in rows:
        try:
            made[subscription.pk] = Workshop.with_secrets(
                subscription, secrets.get(subscription.pk, ())
            )
        except RenderError as error:
            made[subscription.pk] = failure(error, now)
    return made


def _workshop(key: str, now: datetime) -> Workshop | Outcome | None:
    """Return one workshop; None for a subscription that has been deleted meanwhile."""
    try:
        return _workshops([key], now).get(key)
    except DecryptionError as error:
        # The operator can put the missing key back, so this is worth another try.
        return Outcome(started_at=now, error_code="SECRET_UNREADABLE", error=str(error))


def _keys(subscription: Subscription, secrets: Sequence[SigningSecret]) -> SigningKeys:
    kinds = SigningSecret.Kind
    return SigningKeys(
        hmac=tuple(row.secret for row in secrets if row.kind == kinds.HMAC),
        ed25519=tuple(row.secret for row in secrets if row.kind == kinds.ED25519),
        scheme=subscription.signature_scheme,
        body_header=subscription.signature_header,
    )


def request_for(workshop: Workshop | Outcome, due: Due, now: datetime) -> OutboundRequest | Outcome:
    """Return the request for a delivery, or the outcome of not being able to make one."""
    if isinstance(workshop, Outcome):
        return replace(workshop, started_at=now)
    data = queue.data_of(due)
    if data is None:
        return Outcome(
            started_at=now,
            error_code="EVENT_ERASED",
            error="the data of the event has been erased, so there is nothing left to send",
            final=True,
        )
    try:
        return workshop.request(due.id, due.envelope(data), now)
    except RenderError as error:
        return failure(error, now)


def fault(now: datetime) -> Outcome:
    """Return the outcome of a request that a fault of ours has prevented."""
    return Outcome(
        started_at=now,
        error_code="INTERNAL",
        error="the request could not be made because of a fault in Patchbay, which is in its log",
    )


def failure(error: RenderError, now: datetime) -> Outcome:
    """Return the outcome of a request that could not be made. No other try would do better."""
    return Outcome(
        started_at=now, error_code=error.problem.code.upper(), error=str(error)[:500], final=True
    )


def _secrets_in(headers: Headers) -> list[str]:
    values = [value for name, value in headers if sensitive(name)]
    # "Bearer abc": a receiver may complain about abc alone.
    return [*values, *(value.partition(" ")[2] for value in values)]
