"""Dataclasses that cross core's borders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

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
