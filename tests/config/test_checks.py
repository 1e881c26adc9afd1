"""Mistakes in the settings are found at start-up, and each says what to write instead."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import certifi
import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from config import checks
from tests.once import ON_ONE_DATABASE

pytestmark = ON_ONE_DATABASE

ROOT = Path(__file__).resolve().parent.parent.parent
FERNET_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture(autouse=True)
def _settings_are_right(settings: LazySettings) -> None:
    settings.ENCRYPTION_KEYS = [FERNET_KEY]
    settings.SECRET_KEY = "a long enough text, with characters of many different kinds"
    settings.PUBLIC_URL = "https://patchbay.example"
    settings.HTTPS_ONLY = True
    settings.ALLOWED_HOSTS = ["patchbay.example", ".tenants.example", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://forms.example:8443", "https://*.tenants.example"]


def test_right_settings_are_accepted() -> None:
    assert checks.check_settings() == []


@pytest.mark.parametrize(
    ("setting", "value", "code", "message"),
    [
        ("ENCRYPTION_KEYS", [], "E001", "ENCRYPTION_KEYS is empty."),
        (
            "ENCRYPTION_KEYS",
            [FERNET_KEY, "short"],
            "E001",
            "Key 2 of ENCRYPTION_KEYS is not 32 bytes in URL-safe base64.",
        ),
        (
            "SECRET_KEY",
            "short",
            "E002",
            (
                "SECRET_KEY has fewer than 50 characters, or hardly any different ones:"
                " sessions could be forged."
            ),
        ),
        (
            "SECRET_KEY",
            "ab" * 50,
            "E002",
            (
                "SECRET_KEY has fewer than 50 characters, or hardly any different ones:"
                " sessions could be forged."
            ),
        ),
        (
            "Q_CLUSTER",
            {"retry": 60, "timeout": 60, "workers": 1},
            "E003",
            "Q_CLUSTER repeats a task after 60 s, while it may still run for 60 s.",
        ),
        (
            "Q_CLUSTER",
            {"retry": 61, "timeout": 60, "workers": 0},
            "E007",
            "WORKER_PROCESSES is less than 1: nothing would ever be delivered.",
        ),
        (
            "OUTBOUND_ALLOWED_NETWORKS",
            ["10.0.0.0/8", "10.1.2.3/8"],
            "E004",
            (
                "OUTBOUND_ALLOWED_NETWORKS holds '10.1.2.3/8', which is no network:"
                " 10.1.2.3/8 has host bits set."
            ),
        ),
        (
            "OUTBOUND_CA_BUNDLE",
            "/nowhere/authorities.pem",
            "E008",
            "OUTBOUND_CA_BUNDLE names '/nowhere/authorities.pem', which is not a file.",
        ),
        (
            "EVENT_CONSUMERS",
            ["webhooks.nowhere.consume"],
            "E005",
            (
                "EVENT_CONSUMERS names 'webhooks.nowhere.consume', which cannot be imported:"
                " No module named 'webhooks.nowhere'"
            ),
        ),
        (
            "SAFETY_NET_TASKS",
            ["core.events.DISPATCH_TASK"],
            "E005",
            "SAFETY_NET_TASKS names 'core.events.DISPATCH_TASK', which is not a function.",
        ),
        (
            "PUBLIC_URL",
            "http://patchbay.example",
            "E006",
            "PUBLIC_URL is 'http://patchbay.example', where nobody could reach this installation.",
        ),
        (
            "DELIVERY_CONCURRENCY",
            0,
            "E007",
            "DELIVERY_CONCURRENCY is less than 1: nothing would work.",
        ),
        ("DELIVERY_CONCURRENCY", 10_001, "E007", "DELIVERY_CONCURRENCY is more than 10000."),
        (
            "DELIVERY_TIMEOUT_SECONDS",
            100_000,
            "E007",
            "DELIVERY_TIMEOUT_SECONDS is more than 3600.",
        ),
        (
            "DATABASE_MAX_AGE_SECONDS",
            -1,
            "E007",
            "DATABASE_MAX_AGE_SECONDS is less than 0, which means nothing.",
        ),
        *(
            ("PUBLIC_URL", url, "E006", "PUBLIC_URL says more than scheme, host and port.")
            for url in (
                "https://patchbay.example/sub",
                "https://user:canary@patchbay.example",
                "https://patchbay.example?tenant=acme",
            )
        ),
        (
            "PUBLIC_URL",
            "https://hub.example",
            "E009",
            (
                "ALLOWED_HOSTS lacks 'hub.example', the host of PUBLIC_URL:"
                " every request would be refused."
            ),
        ),
        *(
            (
                "ALLOWED_HOSTS",
                ["patchbay.example", host],
                "E009",
                f"ALLOWED_HOSTS holds {host!r}, which is no host name: no scheme, no port, no *.",
            )
            for host in ("https://hub.example", "hub.example:8000", "*", "", "hub.example/")
        ),
        *(
            (
                "CSRF_TRUSTED_ORIGINS",
                [origin],
                "E010",
                f"CSRF_TRUSTED_ORIGINS holds {origin!r}, which no browser sends as an origin.",
            )
            for origin in ("https://a.example/path", "hub.example", "https://a.example:port")
        ),
        *(
            (
                "DEFAULT_FROM_EMAIL",
                sender,
                "E011",
                f"EMAIL_FROM is {sender!r}, which is no address of a sender.",
            )
            for sender in ("", "garbage", "Patchbay <garbage>")
        ),
    ],
)
def test_mistake_is_named(
    settings: LazySettings, setting: str, value: Any, code: str, message: str
) -> None:
    setattr(settings, setting, value)

    found = checks.check_settings()

    assert [(error.id, error.msg) for error in found] == [(f"patchbay.{code}", message)]
    assert found[0].hint


def test_public_url_may_be_plain_where_https_is_not_asked_for(settings: LazySettings) -> None:
    settings.HTTPS_ONLY = False
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]

    assert checks.check_settings() == []


def test_authorities_that_cannot_be_read_are_named(settings: LazySettings, tmp_path: Path) -> None:
    bundle = tmp_path / "authorities.pem"
    bundle.write_text("no certificate\n", encoding="utf-8")
    settings.OUTBOUND_CA_BUNDLE = str(bundle)

    (found,) = checks.check_settings()

    assert found.id == "patchbay.E008"
    assert found.msg.startswith(
        f"OUTBOUND_CA_BUNDLE names '{bundle}', which holds no certificates that can be read: "
    )


def test_authorities_in_a_pem_file_are_accepted(settings: LazySettings) -> None:
    settings.OUTBOUND_CA_BUNDLE = certifi.where()

    assert checks.check_settings() == []


def test_malformed_key_is_not_repeated(settings: LazySettings) -> None:
    settings.ENCRYPTION_KEYS = ["canary"]

    assert "canary" not in str(checks.check_settings())


def test_web_server_does_not_start_with_a_mistake(settings: LazySettings) -> None:
    settings.DELIVERY_CONCURRENCY = 0

    with pytest.raises(ImproperlyConfigured, match="DELIVERY_CONCURRENCY is less than 1"):
        checks.refuse_mistakes()


def run_manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "ENV_FILE": os.devnull} | variables
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_without_secrets_ends_with_a_sentence() -> None:
    ended = run_manage("migrate")

    assert ended.returncode == 1
    assert ended.stderr == (
        "Patchbay cannot start: SECRET_KEY is not set. `make setup` writes a .env file with fresh"
        " secrets; README.md explains every variable.\n"
    )


def test_command_with_a_mistake_ends_before_it_does_anything(tmp_path: Path) -> None:
    database = tmp_path / "hub.sqlite3"

    ended = run_manage(
        "migrate",
        DATABASE_URL=f"sqlite:///{database}",
        SECRET_KEY="short",
        ENCRYPTION_KEYS=FERNET_KEY,
        HTTPS_ONLY="false",
    )

    assert ended.returncode == 1
    assert "patchbay.E002" in ended.stderr
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
