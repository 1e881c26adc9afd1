"""The only door to the network: every outbound request of the product leaves through here.

``request`` sends one request, a ``ConcurrentClient`` sends many at once, and ``check_url`` is the check
at the time of saving. All judge by the same rules.
"""

from core.http.client import Client, request
from core.http.concurrent import ConcurrentClient
from core.http.errors import (
    AddressRefusedError,
    DeadlineError,
    HttpError,
    InvalidHeaderError,
    InvalidMethodError,
    InvalidUrlError,
    MalformedResponseError,
    RequestRefusedError,
    TlsError,
    TransportError,
    UnreachableError,
)
from core.http.headers import prepare_headers
from core.http.policy import EgressPolicy, from_settings
from core.http.types import Response
from core.http.urls import CheckedUrl, check_url

__all__ = [
    "AddressRefusedError",
    "CheckedUrl",
    "Client",
    "ConcurrentClient",
    "DeadlineError",
    "EgressPolicy",
    "HttpError",
    "InvalidHeaderError",
    "InvalidMethodError",
    "InvalidUrlError",
    "MalformedResponseError",
    "RequestRefusedError",
    "Response",
    "TlsError",
    "TransportError",
    "UnreachableError",
    "check_url",
    "from_settings",
    "prepare_headers",
    "request",
]
