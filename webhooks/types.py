"""Dataclasses that cross the borders of webhooks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from core import strict_json
from core.types import Json

Headers = tuple[tuple[str, str], ...]


class HeaderField(TypedDict):
    """A header as a subscription stores it; the value is a template."""

    name: str
    value: str


class SubscriptionFields(TypedDict, total=False):
    """What a tenant says about a subscription; what is left out keeps its value or default."""

    name: str
    description: str
    event_types: Sequence[str]
    filter: str
    method: str
    url: str
    headers: Sequence[HeaderField]
    payload_format: str
    payload: str
    signature_scheme: str
    signature_header: str
    retry_policy: Mapping[str, Json]
    timeout_seconds: int | None
    concurrency: int
    rate_limit: int | None
    ordering: str
    ordering_seconds: int | None
    enabled: bool


class EndpointFields(TypedDict, total=False):
    """What a tenant says about an endpoint; what is left out keeps its value or default."""

    name: str
    description: str
    slug: str
    path: str
    methods: Sequence[str]
    expected_headers: Sequence[HeaderField]
    scheme: str
    options: Mapping[str, str]
    tolerance_seconds: int | None
    allowed_networks: Sequence[str]
    rate_limit: int | None
    max_body_bytes: int | None
    message_key: str
    event_type: str
    answer_status: int
    answer_content_type: str
    answer_body: str
    enabled: bool


class WireEvent(Mapping[str, Json]):
    """An event as it goes over the wire, whose data is parsed when somebody reads it.

    ``head`` is all but the data, and ``data`` the JSON text that was stored.
    """

    __slots__ = ("_data", "_head", "_parsed")

    def __init__(self, head: Mapping[str, Json], data: str) -> None:
        self._head = head
        self._data = data
        self._parsed: Json = None

    def __getitem__(self, name: str) -> Json:
        if name != "data":
            return self._head[name]
        if self._parsed is None:
            self._parsed = json.loads(self._data)
        return self._parsed

    def __iter__(self) -> Iterator[str]:
        yield from self._head
        yield "data"

    def __len__(self) -> int:
        return len(self._head) + 1

    def text(self) -> bytes:
        """Return the whole as compact JSON."""
        return b'%b,"data":%b}' % (strict_json.dumps(self._head)[:-1], self._data.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """What a request is made from: the sources of its templates, and how the body is written."""

    method: str
    url: str
    headers: Headers
    payload_format: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A request before it is signed. Headers keep their order."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """What signs: the keys of each kind, newest first, and where the signatures go."""

    hmac: tuple[str, ...] = field(repr=False)
    ed25519: tuple[str, ...] = field(repr=False)
    scheme: str
    body_header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRequest:
    """A request with its signatures, and the ``secrets`` that nothing that is kept may repeat."""

    method: str
    url: str = field(repr=False)
    headers: Headers = field(repr=False)
    signatures: Headers
    body: bytes = field(repr=False)
    timeout: timedelta
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt to deliver led to, with secrets blotted out.

    ``error_code`` is empty when the receiver answered. ``final`` says that another try cannot
    help. ``retry_after`` is the delay the receiver asked for.
    """

    started_at: datetime
    duration: timedelta = timedelta(0)
    status_code: int | None = None
    error_code: str = ""
    error: str = ""
    final: bool = False
    retry_after: timedelta | None = None
    response_headers: Headers = ()
    response_body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRequest:
    """A request as people may see it: configuration values by name, other secrets masked."""

    method: str
    url: str
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """What a test request was and what came of it."""

    __test__ = False  # not a test, whatever pytest thinks of the name

    request: ShownRequest
    outcome: Outcome
    delivered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A key that has just been made or set: its ``secret`` is known only now.

    Of an ed25519 pair the receiver needs the public key alone, and the private one stays here.
    """

    kind: str
    secret: str = field(repr=False)
    public_key: str = ""
