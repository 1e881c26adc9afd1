"""What the processes of a run are told to do: dataclasses that cross over as JSON."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A subscription to be made."""

    name: str
    url: str
    event_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Subscriptions, and ``events`` that are published and handed out; their types take turns."""

    receivers: tuple[Receiver, ...]
    events: int
    event_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Events to publish one by one, so many seconds apart as lies between the two numbers."""

    events: int
    event_types: tuple[str, ...]
    gap_seconds: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Requests to send without a database; the URLs take turns."""

    urls: tuple[str, ...]
    requests: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Webhooks to send to the web server at ``url``: to the view ``received``, or to ``empty``.

    No two have the same id, nor have those of another ``series``.
    """

    url: str
    view: str
    requests: int
    in_flight: int
    series: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draining:
    """Deliveries to send until none is pending, for so many seconds at most."""

    limit_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerBacklog:
    """Deliveries for a peer's workers; the URLs take turns."""

    deliveries: int
    urls: tuple[str, ...]
    event_bytes: int


Assignment = Preparation | Publication | Sending | Posting | Draining | PeerBacklog


def as_json(assignment: Assignment) -> str:
    """Return the fields of an assignment as JSON."""
    return json.dumps(dataclasses.asdict(assignment))


def preparation(fields: Message) -> Preparation:
    """Return the preparation that ``as_json`` wrote."""
    receivers = tuple(Receiver(**receiver) for receiver in fields["receivers"])
    return Preparation(**fields | {"receivers": receivers})
