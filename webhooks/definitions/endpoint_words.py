"""An endpoint in the words of those who describe one, as our fields. Pure.

::

    {endpoint: '/webhooks/external-service', method: 'POST', headers: {…}, validation: 'signature'}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.plain import SecretHeader
from webhooks.redaction import sensitive
from webhooks.types import EndpointFields

# What people call the kinds of validation that they describe; the others have our names.
_SCHEMES = {"signature": "hmac", "secret": "secret_header"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointWords:
    """What such a definition says. Without a ``name``, the endpoint is called after its path."""

    endpoint: str
    validation: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedEndpoint:
    """The endpoint that is meant, and its secret if that stands among the headers."""

    fields: EndpointFields
    secret: str = field(default="", repr=False)


def described_endpoint(words: EndpointWords) -> DescribedEndpoint:
    """Return the endpoint that is meant; whether it can be saved is not judged.

    Where the secret itself is sent, the header that is to carry it is no header to expect besides.
    """
    name = _SCHEMES.get(words.validation, words.validation)
    headers, secret, options = dict(words.headers), "", {}
    scheme = SCHEMES.get(name)
    if isinstance(scheme, SecretHeader) and (carrier := _carrier(scheme, headers)):
        secret = scheme.secret_in(headers.pop(carrier))
        options = {each.name: carrier for each in scheme.options if each.name == "header"}
    fields: EndpointFields = {
        "name": words.name or name_for(words.endpoint),
        "path": words.endpoint,
        "methods": [words.method.upper()],
        "expected_headers": [{"name": each, "value": value} for each, value in headers.items()],
        "scheme": name,
        "options": options,
    }
    return DescribedEndpoint(fields=fields, secret=secret)


def _carrier(scheme: SecretHeader, headers: Mapping[str, str]) -> str:
    """Return the header that carries the secret: the usual one, or else the only one that could."""
    usual = scheme.secret_headers(scheme.filled({}))
    found = [name for name in headers if name.lower() in usual]
    if not found and scheme.options:
        found = [name for name in headers if sensitive(name)]
    return found[0] if len(found) == 1 and headers[found[0]] else ""


def name_for(path: str) -> str:
    """Return what an endpoint is called that was given no name: the last word of its path."""
    return path.strip("/").rpartition("/")[2]
