"""Encrypting anew what is stored, after a key of ``settings.ENCRYPTION_KEYS`` has changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, F, TextField, Value

from core import crypto
from core.crypto import EncryptedTextField
from core.errors import DecryptionError, UnreadableSecretsError

BATCH_SIZE = 500
# A row that others keep changing under the old key is tried so often.
PASSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What rotating one column led to, in rows."""

    column: str
    rotated: int
    current: int
    left: int
    unreadable: tuple[str, ...]


def rotate_encryption_key(progress: Callable[[str], None]) -> list[Rotation]:
    """Encrypt every stored secret with the first key, then read each row again.

    Safe to call twice, at any time and while others write: a value is replaced only if it is
    still the one that was read. Raises UnreadableSecretsError at the end, when some rows fit no
    key or were not under the first key at the last look; everything else has been done by then.
    """
    rotations = [_rotate(model, name, progress) for model, name in encrypted_columns()]
    if faults := [each for each in rotations if each.unreadable or each.left]:
        named = "; ".join(
            f"{each.column}: {len(each.unreadable)} unreadable"
            f" ({', '.join(each.unreadable[:5])}), {each.left} not under the first key"
            for each in faults
        )
        raise UnreadableSecretsError(
            f"Keep the old keys. Not every secret is under the first key: {named}."
        )
    return rotations


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every model and the name of each of its encrypted fields."""
    for model in apps.get_models():
        if model._meta.proxy:  # noqa: SLF001  # Django's documented API
            continue
        for field in model._meta.local_concrete_fields:  # noqa: SLF001  # as above
            if isinstance(field, EncryptedTextField):
                yield model, field.name


def _rotate(model: type[models.Model], name: str, progress: Callable[[str], None]) -> Rotation:
    column = f"{model._meta.label}.{name}"  # noqa: SLF001  # as above
    rotated = 0
    for _ in range(PASSES):
        state = _pass(model, name, rewrite=True)
        rotated += state.rotated
        if not state.left:
            break
    # A last look, which writes nothing, decides whether the old keys can go.
    seen = _pass(model, name, rewrite=False)
    progress(f"{column}: {rotated} encrypted anew, {seen.current} under the first key")
    return Rotation(
        column=column,
        rotated=rotated,
        current=seen.current,
        left=seen.left,
        unreadable=seen.unreadable,
    )


def _pass(model: type[models.Model], name: str, *, rewrite: bool) -> Rotation:
    rotated = current = left = 0
    unreadable: list[str] = []
    for key, token in _tokens(model, name):
        if crypto.is_current(token):
            current += 1
            continue
        try:
            renewed = crypto.rotate(token)
        except DecryptionError:
            unreadable.append(str(key))
            continue
        if rewrite and _replace(model, name, key, token, renewed):
            rotated += 1
        else:
            left += 1
    return Rotation(
        column=name, rotated=rotated, current=current, left=left, unreadable=tuple(unreadable)
    )


def _raw(model: type[models.Model], name: str) -> models.QuerySet[Any]:
    """Return all rows with the column as it is stored, under the name ``token``."""
    stored = ExpressionWrapper(F(name), output_field=TextField())
    return model._base_manager.annotate(token=stored)  # noqa: SLF001  # as above


def _tokens(model: type[models.Model], name: str) -> Iterator[tuple[Any, str]]:
    """Yield the key and the stored text of every row that has one, in short reads."""
    rows = _raw(model, name).exclude(token=None).exclude(token="").order_by("pk")
    last: Any = None
    while True:
        batch = rows if last is None else rows.filter(pk__gt=last)
        page = list(batch.values_list("pk", "token")[:BATCH_SIZE])
        yield from page
        if len(page) < BATCH_SIZE:
            return
        last = page[-1][0]


def _replace(model: type[models.Model], name: str, key: Any, token: str, renewed: str) -> bool:
    """Store ``renewed`` unless somebody has changed the value in the meantime."""
    rows = _raw(model, name).filter(pk=key, token=token)
    stored = Value(renewed, output_field=TextField())
    return rows.update(**{name: stored}) > 0
