"""Trying a subscription out: what would be sent, and one real request to see what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from core import audit
from core.errors import DecryptionError
from core.expressions import ExpressionError, compile_expression, matches
from core.ids import new_id
from core.models import Tenant
from core.types import Actor, Json
from webhooks import rendering, retry, samples, validation
from webhooks.building import Workshop, failure, templates_of
from webhooks.errors import Problem, RenderError, TenantInactiveError
from webhooks.models import Subscription
from webhooks.redaction import MASK, masked
from webhooks.sending import send
from webhooks.types import (
    Headers,
    OutboundRequest,
    Outcome,
    Rendered,
    ShownRequest,
    Templates,
    TestResult,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The event to try with: its type, and its data or None for the example of the catalogue."""

    event_type: str
    data: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a request would be. ``request`` is None when ``problems`` say why there is none.

    ``matched`` says whether the filter lets the event through; None when it cannot be told.
    """

    event: Mapping[str, Json]
    request: ShownRequest | None
    matched: bool | None
    problems: tuple[Problem, ...]


def preview(tenant: Tenant, templates: Templates, sample: Sample, *, filter_: str = "") -> Preview:
    """Render templates with a sample event. Nothing is sent, and no secret is read.

    Configuration values are shown by their names, literal secrets in headers as a mask.
    """
    now = timezone.now()
    event = samples.envelope(tenant, sample.event_type, sample.data)
    problems = [
        *validation.header_problems(templates.headers),
        *validation.body_problems(templates),
    ]
    request = None
    try:
        request = None if problems else _shown(tenant, templates, event, now)
    except RenderError as error:
        problems.append(error.problem)
    matched = None
    try:
        matched = _matched(tenant, filter_, event, now)
    except ExpressionError as error:
        problems.append(Problem.within("filter", "filter_failed", error))
    return Preview(event=event, request=request, matched=matched, problems=tuple(problems))


def send_test(
    subscription: Subscription, sample: Sample | None = None, *, actor: Actor
) -> TestResult:
    """Send one signed request for a sample event, now, and return what came of it.

    Waits for the receiver: not to be called inside a transaction. Nothing is retried or logged as
    a delivery; the audit trail says who did it. Raises TenantInactiveError.
    """
    tenant = subscription.tenant
    if not tenant.active:
        raise TenantInactiveError("The tenant is switched off: nothing is sent for it.")
    if sample is None:
        sample = Sample(event_type=samples.type_for(tenant, subscription.event_types))
    now = timezone.now()
    event = samples.envelope(tenant, sample.event_type, sample.data)
    request: OutboundRequest | None = None
    try:
        request = Workshop.of(subscription, now).request(new_id("tst"), event, now)
        outcome = send(request, caller=tenant.id)
    except RenderError as error:
        outcome = failure(error, now)
    except DecryptionError as error:
        outcome = Outcome(started_at=now, error_code="SECRET_UNREADABLE", error=str(error))
    audit.record(
        "subscription.tested",
        tenant=tenant,
        actor=actor,
        target=subscription,
        details={"event_type": sample.event_type, "status": outcome.status_code},
    )
    policy = retry.parse_policy(subscription.retry_policy)
    verdict = retry.verdict(outcome.status_code, policy, final_error=outcome.final)
    return TestResult(
        request=_as_sent(subscription, request, event, now),
        outcome=outcome,
        delivered=verdict == retry.Verdict.DELIVERED,
    )


def _matched(tenant: Tenant, source: str, event: Mapping[str, Json], now: datetime) -> bool:
    if not source:
        return True
    expression = compile_expression(source)
    config = samples.placeholders(tenant, expression.names)
    return matches(expression, rendering.scope_of(event, config), now=now)


def _shown(
    tenant: Tenant,
    templates: Templates,
    event: Mapping[str, Json],
    now: datetime,
    signatures: Headers = (),
) -> ShownRequest:
    """Return a request as people may see it; raise RenderError when there cannot be one."""
    config = samples.placeholders(tenant, rendering.names_read(templates))
    rendered = rendering.render(templates, event, config, now=now)
    return ShownRequest(
        method=rendered.method,
        url=rendered.url,
        headers=(*_masked_headers(templates, rendered), *signatures),
        body=rendered.body.decode(),
    )


def _as_sent(
    subscription: Subscription,
    request: OutboundRequest | None,
    event: Mapping[str, Json],
    now: datetime,
) -> ShownRequest:
    """Return what may be shown of a test request; its templates when that is all there is."""
    signatures = () if request is None else request.signatures
    templates = templates_of(subscription)
    try:
        return _shown(subscription.tenant, templates, event, now, signatures)
    except RenderError:
        return ShownRequest(
            method=templates.method,
            url=templates.url,
            headers=tuple((name, masked(name, value)) for name, value in templates.headers),
            body=templates.payload,
        )


def _masked_headers(templates: Templates, rendered: Rendered) -> Headers:
    hidden = {name for name, value in templates.headers if masked(name, value) == MASK}
    return tuple((name, MASK if name in hidden else value) for name, value in rendered.headers)
