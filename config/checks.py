"""Checks of the settings at start-up: each finding says what to write instead.

They run with every command of ``manage.py`` and before the web server takes its first request.
What the environment can get wrong in form (a missing variable, a misspelled "true") is refused
earlier, by ``config.environment``.
"""

import re
import ssl
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.http.request import validate_host
from django.utils.module_loading import import_string

from core.http.addresses import parse_network

TAG = "patchbay"
SECRET_KEY_LENGTH = 50
SECRET_KEY_VARIETY = 5
# Settings that hold dotted paths, and what each path must name.
DOTTED_PATHS = {
    "EVENT_CONSUMERS": "consumer of events",
    "EVENT_TYPE_SOURCES": "source of event types",
    "SAFETY_NET_TASKS": "task",
    "HOURLY_TASKS": "task",
}
AT_LEAST_ONE = (
    "API_RATE_LIMIT_PER_MINUTE",
    "MAX_BODY_BYTES",
    "DELIVERY_TIMEOUT_SECONDS",
    "DELIVERY_CONCURRENCY",
    "DELIVERY_PROCESSES",
)
AT_LEAST_ZERO = ("DATABASE_MAX_AGE_SECONDS", "DISABLE_FAILING_AFTER_HOURS")
AT_MOST = {
    "DELIVERY_TIMEOUT_SECONDS": 3600,  # no request of ours lasts longer
    "DELIVERY_CONCURRENCY": 10_000,
    "DELIVERY_PROCESSES": 1_000,
    "DISABLE_FAILING_AFTER_HOURS": 10 * 365 * 24,
}
HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)


@register(TAG)
def check_settings(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return every mistake in the settings."""
    return [
        *_encryption_keys(),
        *_secret_key(),
        *_background_work(),
        *_networks(),
        *_certificates(),
        *_dotted_paths(),
        *_public_url(),
        *_hosts(),
        *_origins(),
        *_sender(),
        *_counts(),
    ]


def refuse_mistakes() -> None:
    """Raise ImproperlyConfigured with every mistake in the settings, if there is any."""
    if mistakes := run_checks(tags=[TAG]):
        raise ImproperlyConfigured("\n".join(str(mistake) for mistake in mistakes))


def _encryption_keys() -> Iterator[Error]:
    hint = (
        "Write one or more Fernet keys, separated by commas, the one that encrypts first."
        " `make setup` writes one into a new .env file."
    )
    if not settings.ENCRYPTION_KEYS:
        yield Error("ENCRYPTION_KEYS is empty.", hint=hint, id="patchbay.E001")
    for number, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            # The key itself is a secret, even a malformed one.
            yield Error(
                f"Key {number} of ENCRYPTION_KEYS is not 32 bytes in URL-safe base64.",
                hint=hint,
                id="patchbay.E001",
            )


def _secret_key() -> Iterator[Error]:
    key = settings.SECRET_KEY
    if len(key) < SECRET_KEY_LENGTH or len(set(key)) < SECRET_KEY_VARIETY:
        yield Error(
            f"SECRET_KEY has fewer than {SECRET_KEY_LENGTH} characters, or hardly any different"
            " ones: sessions could be forged.",
            hint="Write a long random text. `make setup` writes one into a new .env file.",
            id="patchbay.E002",
        )


def _background_work() -> Iterator[Error]:
    retry, timeout = settings.Q_CLUSTER["retry"], settings.Q_CLUSTER["timeout"]
    if retry <= timeout:
        yield Error(
            f"Q_CLUSTER repeats a task after {retry} s, while it may still run for {timeout} s.",
            hint="Make `retry` greater than `timeout`.",
            id="patchbay.E003",
        )
    if settings.Q_CLUSTER["workers"] < 1:
        yield Error(
            "WORKER_PROCESSES is less than 1: nothing would ever be delivered.",
            hint="Write 1 or more.",
            id="patchbay.E007",
        )


def _networks() -> Iterator[Error]:
    for setting in ("OUTBOUND_ALLOWED_NETWORKS", "OUTBOUND_BLOCKED_NETWORKS", "TRUSTED_PROXIES"):
        for text in getattr(settings, setting):
            try:
                parse_network(text)
            except ValueError as error:
                yield Error(
                    f"{setting} holds {text!r}, which is no network: {error}.",
                    hint="Write ranges like 10.20.0.0/16 or fd12:3456::/32, separated by commas.",
                    id="patchbay.E004",
                )


def _certificates() -> Iterator[Error]:
    bundle = settings.OUTBOUND_CA_BUNDLE
    hint = "Write the path of a PEM file, or nothing to trust the public authorities alone."
    if bundle and not Path(bundle).is_file():
        yield Error(
            f"OUTBOUND_CA_BUNDLE names {bundle!r}, which is not a file.",
            hint=hint,
            id="patchbay.E008",
        )
        return
    try:
        if bundle:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(bundle)
    except OSError as error:  # ssl.SSLError is one
        yield Error(
            f"OUTBOUND_CA_BUNDLE names {bundle!r}, which holds no certificates that can be read:"
            f" {error.strerror or error}.",
            hint=hint,
            id="patchbay.E008",
        )


def _dotted_paths() -> Iterator[Error]:
    for setting, meaning in DOTTED_PATHS.items():
        for path in getattr(settings, setting):
            if problem := _problem_with(path):
                yield Error(
                    f"{setting} names {path!r}, which {problem}",
                    hint=f"Write the dotted path of a {meaning}: a function of an installed app.",
                    id="patchbay.E005",
                )


def _problem_with(path: str) -> str:
    try:
        found = import_string(path)
    except ImportError as error:
        return f"cannot be imported: {error}"
    return "" if callable(found) else "is not a function."


def _public_url() -> Iterator[Error]:
    schemes = ("https",) if settings.HTTPS_ONLY else ("https", "http")
    parts = _split(settings.PUBLIC_URL)
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        problem = (
            f"PUBLIC_URL is {settings.PUBLIC_URL!r}, where nobody could reach this installation."
        )
    elif not _is_origin(parts):
        # The URL is not repeated: it may hold a password.
        problem = "PUBLIC_URL says more than scheme, host and port."
    else:
        return
    yield Error(
        problem,
        hint=f"Write the URL that browsers use, starting with {' or '.join(schemes)}:// and without"
        " path or user, for example https://patchbay.example.com. On one machine without TLS,"
        " set HTTPS_ONLY=false.",
        id="patchbay.E006",
    )


def _hosts() -> Iterator[Error]:
    hint = "Write bare names such as patchbay.example.com, separated by commas."
    names = settings.ALLOWED_HOSTS
    for name in names:
        if not HOST.fullmatch(name):
            yield Error(
                f"ALLOWED_HOSTS holds {name!r}, which is no host name: no scheme, no port, no *.",
                hint=hint,
                id="patchbay.E009",
            )
    parts = _split(settings.PUBLIC_URL)
    host = parts.hostname if parts else None
    if host and not validate_host(f"[{host}]" if ":" in host else host, names):
        yield Error(
            f"ALLOWED_HOSTS lacks {host!r}, the host of PUBLIC_URL: every request would be refused.",
            hint=hint,
            id="patchbay.E009",
        )


def _origins() -> Iterator[Error]:
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        parts = _split(origin)
        host = (parts.hostname or "").removeprefix("*.") if parts else ""
        if parts is None or not _is_origin(parts) or not HOST.fullmatch(host):
            yield Error(
                f"CSRF_TRUSTED_ORIGINS holds {origin!r}, which no browser sends as an origin.",
                hint="Write scheme, host and, where it is not the usual one, the port, such as"
                " https://forms.example.com, separated by commas.",
                id="patchbay.E010",
            )


def _split(url: str) -> SplitResult | None:
    """Return the parts of ``url``, or None when it cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port  # read here, because it may be no number
    except ValueError:
        return None
    return None if port == 0 else parts


def _is_origin(parts: SplitResult) -> bool:
    """Say whether a URL is a scheme, a host and at most a port."""
    return (
        parts.scheme in {"http", "https"}
        and "@" not in parts.netloc
        and not (parts.path or parts.query or parts.fragment)
    )


def _sender() -> Iterator[Error]:
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    try:
        validate_email(address)
    except ValidationError:
        yield Error(
            f"EMAIL_FROM is {settings.DEFAULT_FROM_EMAIL!r}, which is no address of a sender.",
            hint="Write an address such as patchbay@example.com, or Patchbay <patchbay@example.com>.",
            id="patchbay.E011",
        )


def _counts() -> Iterator[Error]:
    for setting in AT_LEAST_ONE:
        if getattr(settings, setting) < 1:
            yield Error(
                f"{setting} is less than 1: nothing would work.",
                hint="Write 1 or more.",
                id="patchbay.E007",
            )
    for setting in AT_LEAST_ZERO:
        if getattr(settings, setting) < 0:
            yield Error(
                f"{setting} is less than 0, which means nothing.",
                hint="Write 0 or more.",
                id="patchbay.E007",
            )
    for setting, most in AT_MOST.items():
        if getattr(settings, setting) > most:
            yield Error(
                f"{setting} is more than {most}.",
                hint=f"Write {most} or less.",
                id="patchbay.E007",
            )
