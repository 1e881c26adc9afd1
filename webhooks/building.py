"""The request for each delivery: the only place where its secrets are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings

from core.errors import DecryptionError
from core.models import ConfigValue, Tenant
from core.types import Json
from webhooks import rendering
from webhooks.errors import RenderError
from webhooks.models import Delivery, SigningSecret, Subscription
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
    rows = ConfigValue.objects.for_tenant(tenant)
    if wanted is not None:
        if not wanted:
            return {}
        rows = rows.filter(name__in=wanted)
    values: dict[str, str] = rows.as_dict()
    return values


def keys_of(subscription: Subscription, now: datetime) -> SigningKeys:
    """Return what signs a subscription's requests at ``now``."""
    rows = list(SigningSecret.objects.filter(subscription=subscription).live(now))
    kinds = SigningSecret.Kind
    return SigningKeys(
        hmac=tuple(row.secret for row in rows if row.kind == kinds.HMAC),
        ed25519=tuple(row.secret for row in rows if row.kind == kinds.ED25519),
        scheme=subscription.signature_scheme,
        body_header=subscription.signature_header,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What the requests of one subscription are made with, read once for many deliveries."""

    templates: Templates
    config: Mapping[str, str]
    keys: SigningKeys
    timeout: timedelta

    @classmethod
    def of(cls, subscription: Subscription, now: datetime) -> Self:
        """Read what it takes.

        Raises RenderError for malformed templates, and DecryptionError for a stored secret that
        no key in force can read.
        """
        templates = templates_of(subscription)
        return cls(
            templates=templates,
            config=config_for(subscription.tenant, rendering.names_read(templates)),
            keys=keys_of(subscription, now),
            timeout=timeout_of(subscription),
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


def build(
    deliveries: Iterable[Delivery], now: datetime
) -> list[tuple[Delivery, OutboundRequest | Outcome]]:
    """Return each delivery with its request, or with the outcome of not being able to make one."""
    workshops: dict[str, Workshop | Outcome] = {}
    built: list[tuple[Delivery, OutboundRequest | Outcome]] = []
    for delivery in deliveries:
        subscription = delivery.subscription
        if subscription.pk not in workshops:
            workshops[subscription.pk] = _workshop(subscription, now)
        built.append((delivery, _request(workshops[subscription.pk], delivery, now)))
    return built


def _workshop(subscription: Subscription, now: datetime) -> Workshop | Outcome:
    try:
        return Workshop.of(subscription, now)
    except RenderError as error:
        return failure(error, now)
    except DecryptionError as error:
        # The operator can put the missing key back, so this is worth another try.
        return Outcome(started_at=now, error_code="SECRET_UNREADABLE", error=str(error))


def _request(
    workshop: Workshop | Outcome, delivery: Delivery, now: datetime
) -> OutboundRequest | Outcome:
    if isinstance(workshop, Outcome):
        return workshop
    if delivery.event.data is None:
        return Outcome(
            started_at=now,
            error_code="EVENT_ERASED",
            error="the data of the event has been erased, so there is nothing left to send",
            final=True,
        )
    try:
        return workshop.request(delivery.id, delivery.event.envelope(), now)
    except RenderError as error:
        return failure(error, now)


def failure(error: RenderError, now: datetime) -> Outcome:
    """Return the outcome of a request that could not be made. No other try would do better."""
    return Outcome(
        started_at=now, error_code=error.problem.code.upper(), error=str(error)[:500], final=True
    )


def _secrets_in(headers: Headers) -> list[str]:
    values = [value for name, value in headers if sensitive(name)]
    # "Bearer abc": a receiver may complain about abc alone.
    return [*values, *(value.partition(" ")[2] for value in values)]
