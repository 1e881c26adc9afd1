"""Dataclasses that cross core's borders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


class ActorKind(StrEnum):
    """What kind of party causes a change."""

    API_KEY = "api_key"
    API_CLIENT = "api_client"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who causes a change, as audit entries and events name it.

    ``correlation_id`` ties together everything that one outside request led to.
    """

    kind: ActorKind
    id: str
    label: str
    correlation_id: str
    request_id: str = ""
    ip_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing to correct in JSON that was sent: where, what kind, and a sentence about it."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTypeInfo:
    """What the catalogue says of one event type.

    ``schema`` is the JSON Schema of the data (empty when any object will do) and ``example`` is
    data that fits it. ``settings.EVENT_TYPE_SOURCES`` lists the functions that give these.
    """

    name: str
    description: str
    schema: Mapping[str, Json]
    example: Mapping[str, Json]
    source: Literal["custom", "record type", "system"]
    family: str = ""
    """The pattern that stands for it and for others of its kind, of which not all are known."""
