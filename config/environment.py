"""Reading environment variables so that a mistake in one is a sentence, never a guess."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BOOLEANS = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
DATABASE_URLS = ("sqlite://", "postgres://", "postgresql://")


class Environment(environ.Env):  # type: ignore[misc]  # django-environ is not typed
    """The process's environment. Every method raises ImproperlyConfigured naming the variable."""

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: bool = False,
    ) -> Any:
        text = self.ENVIRON.get(var)
        if text is None and default is self.NOTSET:
            raise ImproperlyConfigured(
                f"{var} is not set. `make setup` writes a .env file with fresh secrets;"
                " README.md explains every variable."
            )
        if text is not None and cast is bool:
            return _boolean(var, text)
        if text is not None and cast is int:
            return _whole_number(var, text)
        return super().get_value(var, cast, default, parse_default)

    def choice(self, var: str, choices: Sequence[str], default: str) -> str:
        """Return the value of ``var``, one of ``choices``."""
        value: str = self.str(var, default=default)
        if value not in choices:
            raise ImproperlyConfigured(f"{var} is {value!r}; write one of: {', '.join(choices)}.")
        return value

    def database(self, var: str, default: str) -> dict[str, Any]:
        """Return Django's settings for the database at the URL in ``var``."""
        url: str = self.str(var, default=default)
        if not url.startswith(DATABASE_URLS):
            # The URL is not repeated: it may hold a password.
            raise ImproperlyConfigured(
                f"{var} is no URL of a database; write sqlite:////path/to/file.sqlite3 or"
                " postgres://user:password@host:5432/name."
            )
        try:
            found: dict[str, Any] = self.db_url_config(url)
        except ValueError:
            raise ImproperlyConfigured(
                f"{var} cannot be read; write it like postgres://user:password@host:5432/name,"
                " with a number as the port and %XX for special characters of the password."
            ) from None
        return found

    def mail(self, var: str, default: str) -> dict[str, Any]:
        """Return Django's settings for sending mail by the URL in ``var``."""
        try:
            found: dict[str, Any] = self.email_url(var, default=default)
        except (ImproperlyConfigured, ValueError):
            found = {}
        if not found or ("smtp" in found["EMAIL_BACKEND"] and not found["EMAIL_HOST"]):
            # The URL is not repeated: it may hold a password.
            raise ImproperlyConfigured(
                f"{var} is no way to send mail; write smtp+tls://user:password@host:587,"
                " smtp+ssl://user:password@host:465 or, to print mail, consolemail://."
            )
        return found

    def read_file(self, var: str, default: Path) -> None:
        """Read the ``.env`` file that ``var`` names; only the ``default`` need not be there."""
        named = self.ENVIRON.get(var)
        if named is None:
            self.read_env(str(default))
            return
        try:
            with Path(named).open(encoding="utf-8") as file:
                self.read_env(file)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{var} names {named!r}, which cannot be read ({error.strerror}); write the path"
                " of a .env file, or leave it out for the one in this folder."
            ) from None


def _boolean(var: str, text: str) -> bool:
    """Return what ``text`` says: a misspelled "true" must not switch a protection off."""
    try:
        return BOOLEANS[text.strip().lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{var} is {text!r}; write true or false.") from None


def _whole_number(var: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(
            f"{var} is {text!r}; write a whole number, for example 60."
        ) from None
