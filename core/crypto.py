"""Encryption at rest: text and JSON columns that only this product can read.

Keys come from ``settings.ENCRYPTION_KEYS``: the first one encrypts, all of them decrypt, so a key
is replaced by putting a new one in front and running ``manage.py rotate_encryption_key``.
"""

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from core.errors import DecryptionError


@lru_cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS must hold one or more Fernet keys (32 bytes in URL-safe base64)"
        ) from error


def cipher() -> MultiFernet:
    """Return the cipher for the keys now in force."""
    return _cipher(tuple(settings.ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """Return ``text`` encrypted with the first key."""
    return cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text behind ``token``; raise DecryptionError when no key fits."""
    try:
        return cipher().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError(
            "a stored secret cannot be read with any key of ENCRYPTION_KEYS"
        ) from error


def rotate(token: str) -> str:
    """Return ``token`` encrypted anew with the first key; raise DecryptionError as above."""
    try:
        return cipher().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionError(
            "a stored secret cannot be read with any key of ENCRYPTION_KEYS"
        ) from error


def is_current(token: str) -> bool:
    """Say whether ``token`` was encrypted with the first key."""
    try:
        Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


class EncryptedTextField(models.TextField[Any, Any]):
    """Text that is encrypted in the database. Empty text stays empty, so "not set" is visible."""

    description = "Encrypted text"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: it cannot be searched or compared")
        return super().get_lookup(lookup_name)


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that is encrypted in the database."""

    description = "Encrypted JSON"

    def get_prep_value(self, value: Any) -> Any:
        # Not through TextField, whose own preparation would parse the text again.
        return None if value is None else encrypt(json.dumps(value))

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
