"""Dataclasses that cross the door to the network."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a peer answered.

    ``headers`` come in the order of the wire, from ``Client`` those of one name together; control
    characters in them are replaced by U+FFFD, so that they can be stored and shown anywhere. ``body`` holds the
    bytes as they came, without undoing a content coding, and only the first part of them when
    ``truncated``.
    ``address`` is the address that answered: for operators, not for tenants.
    """

    status_code: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    duration: timedelta
    address: str

    def header(self, name: str) -> str | None:
        """Return the first value of the header ``name`` in any spelling, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)
