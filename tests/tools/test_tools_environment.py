"""The secrets of a first run: written once, for their owner alone."""

import stat
from pathlib import Path

from cryptography.fernet import Fernet

from tools import environment


def values_in(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_first_run_writes_what_an_installation_needs(tmp_path: Path) -> None:
    written = environment.write(tmp_path / ".env")

    values = values_in(tmp_path / ".env")
    assert written is True
    assert sorted(values) == ["ENCRYPTION_KEYS", "HTTPS_ONLY", "LOG_FORMAT", "SECRET_KEY"]
    assert len(values["SECRET_KEY"]) == 86
    cipher = Fernet(values["ENCRYPTION_KEYS"])
    assert cipher.decrypt(cipher.encrypt(b"a secret")) == b"a secret"


def test_environment_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    environment.write(tmp_path / ".env")

    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_environment_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=kept\n", encoding="utf-8")

    written = environment.write(tmp_path / ".env")

    assert written is False
    assert (tmp_path / ".env").read_text(encoding="utf-8") == "SECRET_KEY=kept\n"


def test_two_installations_share_no_secret() -> None:
    one, other = environment.fresh(), environment.fresh()

    assert one["SECRET_KEY"] != other["SECRET_KEY"]
    assert one["ENCRYPTION_KEYS"] != other["ENCRYPTION_KEYS"]
