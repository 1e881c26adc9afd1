"""Encryption at rest, and the rotation of its keys."""

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core import crypto, services
from core.errors import DecryptionError, UnreadableSecretsError
from core.models import ConfigValue, Tenant
from core.services import encryption
from tests.makers import make_config_value

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


def stored_values() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM core_configvalue ORDER BY name")
        return [row[0] for row in cursor.fetchall()]


def quiet(line: str) -> None:
    """Take no notice of the progress."""


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_decrypting_undoes_encrypting(text: str) -> None:
    assert crypto.decrypt(crypto.encrypt(text)) == text


def test_column_holds_nothing_readable(tenant: Tenant) -> None:
    make_config_value(tenant, "api_key", "canary-77")

    assert "canary-77" not in stored_values()[0]
    assert ConfigValue.objects.get().value == "canary-77"


def test_empty_text_stays_empty(tenant: Tenant) -> None:
    make_config_value(tenant, "api_key", "")

    assert stored_values() == [""]


@pytest.mark.parametrize("lookup", ["exact", "in", "contains", "startswith", "gt", "regex"])
def test_encrypted_column_cannot_be_searched(lookup: str) -> None:
    with pytest.raises(FieldError, match="encrypted"):
        ConfigValue.objects.filter(**{f"value__{lookup}": ["x"]})


def test_value_of_a_lost_key_is_an_error_and_not_text(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.ENCRYPTION_KEYS = [LOST]
    make_config_value(tenant)
    settings.ENCRYPTION_KEYS = [NEW]

    with pytest.raises(DecryptionError, match="ENCRYPTION_KEYS"):
        ConfigValue.objects.get()


@pytest.mark.parametrize("keys", [["short"], [NEW, "x" * 44], []])
def test_keys_that_are_none_are_refused(keys: list[str], settings: LazySettings) -> None:
    settings.ENCRYPTION_KEYS = keys

    with pytest.raises((ImproperlyConfigured, ValueError)):
        crypto.encrypt("text")


def test_rotation_lets_the_old_key_be_taken_out(tenant: Tenant, settings: LazySettings) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    for number in range(5):
        make_config_value(tenant, f"key_{number}", f"value {number}")
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    call_command("rotate_encryption_key", "--json")
    rotated = stored_values()
    call_command("rotate_encryption_key", "--json")

    assert stored_values() == rotated
    settings.ENCRYPTION_KEYS = [NEW]
    assert ConfigValue.objects.for_tenant(tenant).as_dict() == {
        f"key_{number}": f"value {number}" for number in range(5)
    }


def test_rotation_goes_through_more_than_one_batch(
    tenant: Tenant, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption, "BATCH_SIZE", 2)
    settings.ENCRYPTION_KEYS = [OLD]
    for number in range(5):
        make_config_value(tenant, f"key_{number}")
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    rotations = services.rotate_encryption_key(quiet)

    by_column = {each.column: (each.rotated, each.current, each.left) for each in rotations}
    assert by_column["core.ConfigValue.value"] == (5, 5, 0)


def test_rotation_covers_every_encrypted_column() -> None:
    columns = {f"{model._meta.label}.{name}" for model, name in encryption.encrypted_columns()}

    assert {"core.ConfigValue.value", "core.IdempotencyKey.body"} <= columns


def test_rotation_never_overwrites_what_changed_in_the_meantime(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    row = make_config_value(tenant, "api_key", "before")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    seen = stored_values()[0]
    make_config_value(tenant, "api_key", "after")

    replaced = encryption._replace(ConfigValue, "value", row.pk, seen, crypto.rotate(seen))

    assert not replaced
    assert ConfigValue.objects.get().value == "after"


def test_rotation_does_the_rest_and_then_names_what_it_cannot_read(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.ENCRYPTION_KEYS = [LOST]
    lost = make_config_value(tenant, "a_lost")
    settings.ENCRYPTION_KEYS = [OLD]
    make_config_value(tenant, "b_kept", "kept")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    before = stored_values()[0]

    with pytest.raises(UnreadableSecretsError, match=lost.id):
        services.rotate_encryption_key(quiet)
    with pytest.raises(CommandError, match="Keep the old keys"):
        call_command("rotate_encryption_key")

    assert stored_values()[0] == before
    settings.ENCRYPTION_KEYS = [NEW]
    assert ConfigValue.objects.get(name="b_kept").value == "kept"
