"""A secret that comes along as it is: in a header, as Basic or as Bearer. It proves the sender alone.

What is sent is not signed: TLS has to keep others from reading and altering it.
Source: RFC 7617 (Basic), RFC 6750 (Bearer).
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from webhooks.inbound import selectors
from webhooks.inbound.schemes.scheme import (
    Incoming,
    Option,
    OptionError,
    Options,
    Proof,
    RefusalError,
    Sample,
    Scheme,
    SecretError,
)

AUTHORIZATION = "Authorization"


class SecretHeader(Scheme):
    """A sender that puts a secret into a header."""

    name = "secret_header"
    label = "Secret in a header"
    hint = "Any text; the sender puts it into the header named in the options."
    secret_is_ours = True
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="header",
            label="Header",
            default="X-Webhook-Secret",
            help_text="The header in which the secret comes.",
        ),
    )

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        if not (secret.isascii() and secret.isprintable()):
            raise SecretError("A secret in a header has printable ASCII characters alone")

    def check_options(self, options: Options) -> None:
        super().check_options(options)
        if "header" in options and not selectors.is_header_name(options["header"]):
            raise OptionError("header", "A header name has letters, digits and hyphens")

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        name = self._header(options)
        given = self._normal(incoming.header(name)).encode("utf-8", "surrogatepass")
        found = 0
        for number, secret in enumerate(secrets, start=1):
            wanted = self._normal(self._value(secret)).encode("utf-8", "surrogatepass")
            if hmac.compare_digest(given, wanted) and not found:
                found = number
        if not found:
            raise RefusalError("wrong_signature", f"The header {name} holds none of the secrets")
        return Proof(secret=found)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        name = self._header(options).lower()
        return replace(incoming, headers={**incoming.headers, name: self._value(secret)})

    def secret_headers(self, options: Options) -> tuple[str, ...]:
        return (self._header(options).lower(),)

    def _header(self, options: Options) -> str:
        return options["header"]

    def secret_in(self, value: str) -> str:
        """Return the secret that stands in the header; empty for none."""
        return value

    def _value(self, secret: str) -> str:
        """Return what stands in the header."""
        return secret

    def _normal(self, value: str) -> str:
        """Return a value with that part in one spelling in which any will do."""
        return value


class GitLabToken(SecretHeader):
    """GitLab with a secret token."""

    name = "gitlab_token"
    label = "GitLab, secret token"
    hint = "The same text as in the field Secret token of the webhook in GitLab."
    message_key = "header:X-Gitlab-Event-UUID"
    event_type = "header:X-Gitlab-Event"
    options = ()
    sample = Sample(
        body=b'{"object_kind": "push", "ref": "refs/heads/main"}',
        headers={
            "content-type": "application/json",
            "x-gitlab-event": "Push Hook",
            "x-gitlab-event-uuid": "00000000-0000-4000-8000-000000000000",
        },
    )

    def _header(self, options: Options) -> str:
        return "X-Gitlab-Token"


class Bearer(SecretHeader):
    """A sender that names a token: ``Authorization: Bearer …``."""

    name = "bearer"
    label = "Bearer token"
    hint = "Any text; the sender sends it as Authorization: Bearer …"
    options = ()

    def _header(self, options: Options) -> str:
        return AUTHORIZATION

    def secret_in(self, value: str) -> str:
        return value.partition(" ")[2].strip() or value

    def _value(self, secret: str) -> str:
        return f"Bearer {secret}"

    def _normal(self, value: str) -> str:
        """Write the name of the kind in small letters (RFC 9110, 11.1)."""
        kind, space, rest = value.partition(" ")
        return f"{kind.lower()}{space}{rest.strip()}"


class Basic(Bearer):
    """A sender that names a user and a password: ``Authorization: Basic …``."""

    name = "basic"
    label = "Basic authentication"
    hint = "User and password with a colon between them, such as sender:s3cret-text."
    secret_is_ours = False

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        if not secret.partition(":")[2]:
            raise SecretError("Write user and password with a colon between them")

    def secret_in(self, value: str) -> str:
        try:
            return base64.b64decode(super().secret_in(value), validate=True).decode()
        except ValueError:
            return ""

    def _value(self, secret: str) -> str:
        return f"Basic {base64.b64encode(secret.encode()).decode()}"
