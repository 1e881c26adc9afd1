"""What an endpoint must be like before it is saved: everything there is to correct, at once."""

import ipaddress
import re
from collections.abc import Collection, Iterator

from django.conf import settings
from django.core.exceptions import ValidationError

from webhooks.errors import Problem
from webhooks.inbound import selectors
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import OptionError, SecretError
from webhooks.inbound.selectors import NO_KEY, SelectorError
from webhooks.models import Endpoint
from webhooks.redaction import MASK

METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
MAX_HEADERS, MAX_NETWORKS = 20, 100
MAX_VALUE_CHARACTERS = 2_000
# What a browser would run or render is no answer to a webhook.
ANSWER_TYPES = ("application/json", "text/plain", "application/xml", "text/xml")
ANSWER_CHARSET = re.compile(r"\s*(?:;\s*charset=\"?utf-8\"?\s*)?\Z", re.IGNORECASE)

LISTS = ("methods", "expected_headers", "options", "allowed_networks")


def check(endpoint: Endpoint) -> list[Problem]:
    """Return everything that is wrong with an endpoint; nothing when it can be saved."""
    return [
        *_field_problems(endpoint),
        *_taken_problems(endpoint),
        *_method_problems(endpoint.methods),
        *_header_problems(endpoint.expected_headers, _secret_headers(endpoint)),
        *_network_problems(endpoint.allowed_networks),
        *_scheme_problems(endpoint),
        *_selector_problems(endpoint),
        *_size_problems(endpoint.max_body_bytes),
        *_answer_problems(endpoint),
    ]


def check_secret(endpoint: Endpoint, secret: str) -> Problem | None:
    """Return what is wrong with a secret for the endpoint's scheme, or nothing."""
    try:
        SCHEMES[endpoint.scheme].check_secret(secret)
    except SecretError as error:
        return Problem(path="secret", code="invalid_secret", message=f"{error}.")
    return None


def _field_problems(endpoint: Endpoint) -> Iterator[Problem]:
    try:
        endpoint.clean_fields(exclude=["tenant", *LISTS])
    except ValidationError as error:
        for path, faults in error.error_dict.items():
            for fault in faults:
                message = " ".join(fault.messages)
                yield Problem(path=path, code=fault.code or "invalid", message=message)


def _taken_problems(endpoint: Endpoint) -> Iterator[Problem]:
    others = Endpoint.objects.filter(tenant=endpoint.tenant_id).exclude(pk=endpoint.pk)
    for name in ("path", "slug"):
        if others.filter(**{name: getattr(endpoint, name)}).exists():
            message = f"Another endpoint of yours has this {name}; choose a different one."
            yield Problem(path=name, code="taken", message=message)


def _method_problems(methods: object) -> Iterator[Problem]:
    given = methods if isinstance(methods, list) else []
    right = given and all(each in METHODS for each in given)
    if not right or len(set(given)) < len(given):
        message = f"List one or more of {', '.join(METHODS)}, each once."
        yield Problem(path="methods", code="invalid_methods", message=message)


def _header_problems(headers: object, carriers: Collection[str]) -> Iterator[Problem]:
    if not isinstance(headers, list) or len(headers) > MAX_HEADERS:
        message = f"List at most {MAX_HEADERS} headers, each with a name and a value."
        yield Problem(path="expected_headers", code="too_many", message=message)
        return
    taken: set[str] = set()
    for index, header in enumerate(headers):
        path = f"expected_headers[{index}]"
        name, value = str(header.get("name", "")), str(header.get("value", ""))
        if not selectors.is_header_name(name):
            message = "A header name has letters, digits and hyphens, such as X-Webhook-Secret."
            yield Problem(path=f"{path}.name", code="invalid_header", message=message)
        elif name.lower() in taken:
            message = "This header is listed twice."
            yield Problem(path=f"{path}.name", code="repeated", message=message)
        elif name.lower() in carriers:
            message = "This header carries the secret, which is compared anyway; leave it out here."
            yield Problem(path=f"{path}.name", code="secret", message=message)
        taken.add(name.lower())
        if value == MASK:
            message = "This is the mask that stands for a stored value, and none is stored."
            yield Problem(path=f"{path}.value", code="masked", message=message)
        elif len(value) > MAX_VALUE_CHARACTERS or not (value.isprintable() and value.isascii()):
            message = f"A value has at most {MAX_VALUE_CHARACTERS} printable ASCII characters."
            yield Problem(path=f"{path}.value", code="invalid_value", message=message)


def _network_problems(networks: object) -> Iterator[Problem]:
    if not isinstance(networks, list) or len(networks) > MAX_NETWORKS:
        message = f"List at most {MAX_NETWORKS} addresses or networks."
        yield Problem(path="allowed_networks", code="too_many", message=message)
        return
    for index, network in enumerate(networks):
        if not _is_network(str(network)):
            message = (
                "Write an address or a network, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
            )
            yield Problem(
                path=f"allowed_networks[{index}]", code="invalid_network", message=message
            )


def _is_network(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return False
    # Senders are known by the IPv4 address that such a one stands for, so it would let nobody in.
    return getattr(network.network_address, "ipv4_mapped", None) is None


def _scheme_problems(endpoint: Endpoint) -> Iterator[Problem]:
    scheme = SCHEMES.get(endpoint.scheme)
    if scheme is None:
        message = f"Choose one of: {', '.join(SCHEMES)}."
        yield Problem(path="scheme", code="unknown_scheme", message=message)
        return
    options = endpoint.options
    if not _are_texts(options):
        message = "The options are an object of texts."
        yield Problem(path="options", code="invalid_options", message=message)
        return
    known = {option.name for option in scheme.options}
    for name in sorted(options.keys() - known):
        message = f"{scheme.label} has no option of this name."
        yield Problem(path=f"options.{name[:40]}", code="unknown_option", message=message)
    try:
        scheme.check_options(scheme.filled(options))
    except OptionError as error:
        yield Problem(path=f"options.{error.name}", code="invalid_option", message=f"{error}.")


def _selector_problems(endpoint: Endpoint) -> Iterator[Problem]:
    for name in ("message_key", "event_type"):
        text = getattr(endpoint, name)
        try:
            selector = selectors.parse(text)
        except SelectorError as error:
            yield Problem(path=name, code="invalid_selector", message=f"{error}.")
            continue
        if name == "message_key" and selector and selector.fixed and text != NO_KEY:
            message = "Write header: and a name, body: and a path, body, or none."
            yield Problem(path=name, code="invalid_selector", message=message)
        if selector and selector.header in _secret_headers(endpoint):
            message = "This header carries the secret; choose another one."
            yield Problem(path=name, code="secret", message=message)
        if name == "event_type" and selector and selector.digest:
            message = "Write header: and a name, body: and a path, or a fixed text."
            yield Problem(path=name, code="invalid_selector", message=message)


def _secret_headers(endpoint: Endpoint) -> tuple[str, ...]:
    scheme = SCHEMES.get(endpoint.scheme)
    options = endpoint.options
    if scheme is None or not _are_texts(options):
        return ()
    return scheme.secret_headers(scheme.filled(options))


def _are_texts(options: object) -> bool:
    return isinstance(options, dict) and all(isinstance(each, str) for each in options.values())


def _size_problems(size: int | None) -> Iterator[Problem]:
    if size is not None and size > settings.MAX_BODY_BYTES:
        message = f"This installation takes at most {settings.MAX_BODY_BYTES} bytes."
        yield Problem(path="max_body_bytes", code="too_large", message=message)


def _answer_problems(endpoint: Endpoint) -> Iterator[Problem]:
    kind, semicolon, parameters = endpoint.answer_content_type.partition(";")
    if kind.strip() not in ANSWER_TYPES or not ANSWER_CHARSET.match(semicolon + parameters):
        message = f"Choose one of: {', '.join(ANSWER_TYPES)}. Answers are sent in UTF-8."
        yield Problem(path="answer_content_type", code="invalid_content_type", message=message)
    if endpoint.answer_status == 204 and endpoint.answer_body:
        message = "An answer 204 has no body; leave it empty, or answer 200."
        yield Problem(path="answer_body", code="not_here", message=message)
