"""What a subscription must be like to be saved, and what is only worth a warning."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from core import event_types, http
from core.expressions import ExpressionError, compile_expression, matches
from core.templating import TemplateError, compile_url_template
from core.types import Json
from webhooks import patterns, rendering, samples, signing
from webhooks.building import templates_of
from webhooks.errors import Problem, RenderError
from webhooks.models import Subscription
from webhooks.redaction import MASK
from webhooks.retry import RetryPolicyError, parse_policy
from webhooks.types import Headers, Templates

MAX_PATTERNS = 50
MAX_HEADERS = 30
MAX_EXAMPLES_TRIED = 10
RESERVED_PREFIX = "webhook-"
# What a receiver or a proxy reads as something else than a signature.
NOT_FOR_SIGNATURES = frozenset({"content-type", "authorization", "cookie", "user-agent", "accept"})


def check(subscription: Subscription) -> list[Problem]:
    """Return everything that keeps a subscription from being saved."""
    templates = templates_of(subscription)
    problems = [
        *_field_problems(subscription),
        *_pattern_problems(subscription.event_types),
        *_filter_problems(subscription.filter),
        *header_problems(templates.headers, subscription.signature_header),
        *_mask_problems(templates.headers),
        *_signature_header_problems(subscription),
        *body_problems(templates),
        *_retry_problems(subscription),
        *_ordering_problems(subscription),
    ]
    if not any(problem.path.startswith("headers") for problem in problems):
        problems += _template_problems(templates)
    return problems


def check_secret(secret: str) -> Problem | None:
    """Return why a tenant's own secret cannot be used for HMAC, if it cannot."""
    try:
        signing.check_secret(secret)
    except signing.SecretError as error:
        return Problem(path="secret", code="invalid_secret", message=f"{error}.")
    return None


def warnings(subscription: Subscription, now: datetime) -> tuple[Problem, ...]:
    """Return what fails on the examples of the event types that a subscription asks for."""
    tenant = subscription.tenant
    templates = templates_of(subscription)
    names = [
        info.name
        for info in event_types.catalogue(tenant)
        if info.example and patterns.matches(subscription.event_types, info.name)
    ]
    found: dict[str, Problem] = {}
    for name in names[:MAX_EXAMPLES_TRIED]:
        for problem in _failures(subscription, templates, samples.envelope(tenant, name), now):
            found.setdefault(
                f"{problem.path} {problem.message}",
                replace(problem, message=f"With the example of {name}: {problem.message}"),
            )
    return tuple(found.values())


def _failures(
    subscription: Subscription, templates: Templates, envelope: dict[str, Json], now: datetime
) -> Iterator[Problem]:
    config = samples.placeholders(subscription.tenant, rendering.names_read(templates))
    try:
        rendering.render(templates, envelope, config, now=now)
    except RenderError as error:
        yield error.problem
    if not subscription.filter:
        return
    expression = compile_expression(subscription.filter)
    config = samples.placeholders(subscription.tenant, expression.names)
    try:
        matches(expression, rendering.scope_of(envelope, config), now=now)
    except ExpressionError as error:
        yield Problem.within("filter", "filter_failed", error)


def _field_problems(subscription: Subscription) -> Iterator[Problem]:
    """Yield what the model's own fields refuse: lengths, choices, what must not be empty."""
    try:
        subscription.clean_fields(exclude=["tenant", "event_types", "headers", "retry_policy"])
    except ValidationError as error:
        for path, faults in error.error_dict.items():
            for fault in faults:
                message = " ".join(fault.messages)
                yield Problem(path=path, code=fault.code or "invalid", message=message)


def _pattern_problems(wanted: object) -> Iterator[Problem]:
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_PATTERNS:
        message = f"List 1 to {MAX_PATTERNS} event types or patterns, such as order.created."
        yield Problem(path="event_types", code="invalid_event_types", message=message)
        return
    for index, pattern in enumerate(wanted):
        path = f"event_types[{index}]"
        try:
            patterns.check_pattern(str(pattern))
        except patterns.PatternError as error:
            yield Problem(path=path, code="invalid_pattern", message=f"{error}.")
        if pattern in wanted[:index]:
            yield Problem(path=path, code="repeated", message="This pattern is listed twice.")


def _filter_problems(source: str) -> Iterator[Problem]:
    if not source:
        return
    try:
        compile_expression(source)
    except ExpressionError as error:
        yield Problem.within("filter", "invalid_expression", error)


def header_problems(headers: Headers, signature_header: str = "") -> Iterator[Problem]:
    """Yield what is wrong with the names of a subscription's headers, and with their number."""
    if len(headers) > MAX_HEADERS:
        message = f"A subscription has at most {MAX_HEADERS} headers of its own."
        yield Problem(path="headers", code="too_many", message=message)
    taken = {signature_header.lower()}
    for index, (name, _) in enumerate(headers):
        path = f"headers[{index}].name"
        if message := _name_refusal(name):
            yield Problem(path=path, code="invalid_header", message=message)
        elif name.lower() in taken:
            message = "This header is given twice, or carries the signature."
            yield Problem(path=path, code="repeated", message=message)
        taken.add(name.lower())


def _mask_problems(headers: Headers) -> Iterator[Problem]:
    for index, (_, value) in enumerate(headers):
        if value == MASK:
            message = "This is the mask that stands for a stored value, and none is stored."
            yield Problem(path=f"headers[{index}].value", code="masked", message=message)


def _signature_header_problems(subscription: Subscription) -> Iterator[Problem]:
    name = subscription.signature_header
    if not name:
        return
    message = _name_refusal(name)
    if not message and name.lower() in NOT_FOR_SIGNATURES:
        message = f"The header {name} has another meaning; use a name such as X-Signature-256."
    if message:
        yield Problem(path="signature_header", code="invalid_header", message=message)


def _name_refusal(name: str) -> str:
    """Return why a request cannot have a header of this name from a subscription, or nothing."""
    if name.lower().startswith(RESERVED_PREFIX):
        return f"Headers that start with {RESERVED_PREFIX} are set by the signature."
    try:
        http.prepare_headers({name: ""})
    except http.InvalidHeaderError as error:
        return _sentence(error)
    return ""


def _template_problems(templates: Templates) -> Iterator[Problem]:
    for part, template in rendering.compile_parts(templates):
        if isinstance(template, RenderError):
            yield template.problem
        elif part == "url":
            yield from _url_problems(templates.url)


def _url_problems(source: str) -> Iterator[Problem]:
    """Yield what is wrong with a URL whatever its holes are filled with.

    A hole in the host may lead anywhere; the address is vetted again when the request is made.
    """
    template = compile_url_template(source)
    try:
        url = template.render(_filled(template.names), now=timezone.now())
    except TemplateError:
        return
    try:
        http.check_url(url, http.from_settings())
    except http.HttpError as error:
        yield Problem(path="url", code=error.code.lower(), message=_sentence(error))


def _filled(names: frozenset[str]) -> dict[str, Json]:
    """Return a scope with an ``x`` wherever one of the paths ``names`` ends."""
    scope: dict[str, Json] = {}
    for path in sorted(names):
        *before, last = path.split(".")
        place = scope
        for key in before:
            inner = place.setdefault(key, {})
            place = inner if isinstance(inner, dict) else {}
        place.setdefault(last, "x")
    return scope


def body_problems(templates: Templates) -> Iterator[Problem]:
    """Yield what keeps a method and a format from having the payload that is written."""
    formats = Subscription.PayloadFormat
    if templates.method == Subscription.Method.GET and templates.payload:
        message = "A GET request has no body; put values into the URL, or use POST."
        yield Problem(path="payload", code="body_not_allowed", message=message)
    bodiless = templates.method in rendering.BODILESS_WITHOUT_PAYLOAD
    needs_template = templates.payload_format in {formats.FORM, formats.TEXT}
    if needs_template and not templates.payload and not bodiless:
        message = "The standard envelope is JSON; write a payload template for this format."
        yield Problem(path="payload", code="required", message=message)


def _retry_problems(subscription: Subscription) -> Iterator[Problem]:
    try:
        parse_policy(subscription.retry_policy)
    except RetryPolicyError as error:
        path = f"retry_policy.{error.field}" if error.field else "retry_policy"
        yield Problem(path=path, code="invalid_retry_policy", message=_sentence(error))


def _ordering_problems(subscription: Subscription) -> Iterator[Problem]:
    limited = subscription.ordering == Subscription.Ordering.BLOCK_FOR
    seconds = subscription.ordering_seconds
    if limited and seconds is None:
        message = "Say for how many seconds a failing delivery may hold up those behind it."
        yield Problem(path="ordering_seconds", code="required", message=message)
    if not limited and seconds is not None:
        message = "Only the ordering block_for has a time limit; leave this empty."
        yield Problem(path="ordering_seconds", code="not_here", message=message)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
