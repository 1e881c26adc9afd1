"""An endpoint in the words of those who describe one, as our fields. Pure.

::

    {endpoint: '/webhooks/external-service', method: 'POST', headers: {…}, validation: 'signature'}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


def endpoint_fields(words: EndpointWords) -> EndpointFields:
    """Return the fields of the endpoint that is meant; whether it can be saved is not judged."""
    return {
        "name": words.name or name_for(words.endpoint),
        "path": words.endpoint,
        "methods": [words.method.upper()],
        "expected_headers": [
            {"name": name, "value": value} for name, value in words.headers.items()
        ],
        "scheme": _SCHEMES.get(words.validation, words.validation),
    }


def name_for(path: str) -> str:
    """Return what an endpoint is called that was given no name: the last word of its path."""
    return path.strip("/").rpartition("/")[2]
