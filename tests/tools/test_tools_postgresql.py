"""The server of a test run: it works, and nothing of it is left."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tools import postgresql


@pytest.fixture
def binaries() -> Path:
    found = postgresql.find_binaries()
    if found is None:
        pytest.skip("no PostgreSQL server programs are installed")
    return found


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for what is temporary, which the account of the server may enter as well."""
    folder = Path(tempfile.mkdtemp(prefix="patchbay-test-"))
    folder.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


def programs(folder: Path, version: str) -> Path:
    place = folder / version / "bin"
    place.mkdir(parents=True)
    for program in postgresql.PROGRAMS:
        (place / program).touch()
    return place


def test_cluster_serves_and_is_gone_afterwards(binaries: Path, temporary: Path) -> None:
    with postgresql.throwaway_cluster(binaries) as url, psycopg.connect(url) as connection:
        answer = connection.execute("SELECT 6 * 7").fetchone()

    assert answer == (42,)
    assert list(temporary.iterdir()) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_cluster_is_gone_when_the_run_is_interrupted(binaries: Path, temporary: Path) -> None:
    with pytest.raises(KeyboardInterrupt), postgresql.throwaway_cluster(binaries):
        raise KeyboardInterrupt

    assert list(temporary.iterdir()) == []


def test_cluster_refuses_who_does_not_know_its_password(binaries: Path, temporary: Path) -> None:
    with postgresql.throwaway_cluster(binaries) as url:
        stranger = f"postgres://postgres:guess@127.0.0.1:{urlsplit(url).port}/postgres"

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(stranger)


def test_newest_version_is_found_by_number_not_by_letter(tmp_path: Path) -> None:
    programs(tmp_path, "9")
    newest = programs(tmp_path, "17")

    assert postgresql.find_binaries(tmp_path) == newest


def test_version_without_a_server_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "17" / "bin").mkdir(parents=True)
    server = programs(tmp_path, "15")

    assert postgresql.find_binaries(tmp_path) == server
