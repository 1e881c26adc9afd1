"""What a scheme of signatures is: how senders of one kind prove where a request comes from. Pure."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from core.types import Json

Options = Mapping[str, str]

DEFAULT_TOLERANCE = timedelta(minutes=5)
MIN_SECRET_CHARACTERS, MAX_SECRET_CHARACTERS = 8, 4_096


class RefusalError(ValueError):
    """A request does not prove where it comes from: ``code`` for counting, the message for people.

    The sender is told neither. The message repeats nothing that could be a secret.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SecretError(ValueError):
    """A secret cannot be used with a scheme; the message says what it must look like."""


class OptionError(ValueError):
    """An option of a scheme cannot be used; ``name`` says which."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it arrived.

    ``url`` is the one that the sender called, with its query. Header names are in lower case, and
    repeated headers are joined by commas (RFC 9110, 5.3).
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return a header; raise RefusalError when it is missing or empty."""
        value = self.headers.get(name.lower(), "")
        if not value:
            raise RefusalError("no_signature", f"The header {name} is missing")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why a request was believed: the number of the ``secret`` from 1, and what else was found.

    ``sent_at`` is the moment that the sender has signed, in Unix seconds; None when there is none.
    """

    secret: int
    sent_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a sender is answered."""

    status_code: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something about a scheme that differs between senders. Without ``choices`` it is text."""

    name: str
    label: str
    default: str = ""
    help_text: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request that a sender of this kind could send, not signed yet."""

    body: bytes = b'{"type": "sample.sent", "data": {"message": "A sample from Patchbay"}}'
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


class Scheme(ABC):
    """How senders of one kind sign. An object without state; there is one for each kind."""

    name: ClassVar[str]
    label: ClassVar[str]
    # What to paste as the secret, and where it is found.
    hint: ClassVar[str] = "The secret that the sender signs with."
    secret_required: ClassVar[bool] = True
    # Whether a fresh secret of ours is of use: the sender can be told which one to take.
    secret_is_ours: ClassVar[bool] = False
    # Whether the secret is a public key: then only the sender itself can sign.
    verifies_only: ClassVar[bool] = False
    # None: the sender signs no moment, so that it cannot be too old.
    tolerance: ClassVar[timedelta | None] = None
    # What tells a repeat, and what kind of event it is, in the notation of ``selectors``.
    message_key: ClassVar[str] = ""
    event_type: ClassVar[str] = ""
    options: ClassVar[tuple[Option, ...]] = ()
    sample: ClassVar[Sample] = Sample()

    def check_secret(self, secret: str) -> None:
        """Raise SecretError unless ``secret`` can be used with this scheme."""
        length_fits = MIN_SECRET_CHARACTERS <= len(secret) <= MAX_SECRET_CHARACTERS
        if not length_fits or secret != secret.strip():
            raise SecretError(
                f"A secret has {MIN_SECRET_CHARACTERS} to {MAX_SECRET_CHARACTERS} characters,"
                " and no space at its ends"
            )

    def new_secret(self) -> str:
        """Return a fresh secret, where the sender can be told which one to take."""
        return secrets.token_urlsafe(32)

    def check_options(self, options: Options) -> None:
        """Raise OptionError unless ``options``, in which none is missing, can be used."""
        for option in self.options:
            value = options[option.name]
            if option.required and not value:
                raise OptionError(option.name, f"{option.label} is missing")
            if option.choices and value not in option.choices:
                raise OptionError(option.name, f"This is one of: {', '.join(option.choices)}")

    @abstractmethod
    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        """Return the proof that a holder of one of ``secrets`` sent this; raise RefusalError for none.

        Every secret is tried with every signature. ``tolerance`` is how far the signed moment may be
        from ``now``, before or after; None for any. Nothing that a sender writes raises anything else.
        """

    @abstractmethod
    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        """Return ``incoming`` as a sender that holds ``secret`` would have sent it."""

    def handshake(
        self, incoming: Incoming, secrets: Sequence[str], options: Options
    ) -> Answer | None:
        """Return the answer to a request that only asks whether somebody is there, unsigned."""
        return None

    def greeting(self, incoming: Incoming) -> Answer | None:
        """Return the answer to a request that was verified and only asks whether we verify."""
        return None

    def repeats_told_by(self, incoming: Incoming) -> str:
        """Return what tells a repeat of a verified request, unless its endpoint says otherwise."""
        return self.message_key

    def secret_headers(self, options: Options) -> tuple[str, ...]:
        """Return the headers, in lower case, whose whole value is a secret, whether right or wrong."""
        return ()

    def without_secrets(self, body: Json) -> Json:
        """Return what was read of a body without the secret, where the sender repeats it there."""
        return body

    def filled(self, options: Options) -> dict[str, str]:
        """Return ``options`` with the defaults of those that are missing or empty."""
        return {each.name: options.get(each.name) or each.default for each in self.options}


def timely(proof: Proof, now: datetime, tolerance: timedelta | None) -> Proof:
    """Return a proof; raise RefusalError unless its moment is near enough to ``now``, before or after."""
    if proof.sent_at is None or tolerance is None:
        return proof
    seconds = now.timestamp() - proof.sent_at
    if abs(seconds) > tolerance.total_seconds():
        age = f"{abs(seconds):.0f} s {'old' if seconds > 0 else 'in the future'}"
        allowed = f"{tolerance.total_seconds():.0f} s"
        raise RefusalError("wrong_time", f"The timestamp is {age}, where {allowed} are allowed")
    return proof
