"""Environment variables: read strictly, and every one of them documented."""

import ast
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = re.compile(
    r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>[^|]*) \| (?P<meaning>[^|]+) \|$", re.MULTILINE
)
# How a default that is made from other things stands in the table.
COMPUTED = "computed"


def variables_of_settings() -> dict[str, str]:
    """Return each variable that the settings read, with its default as the table writes it."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    found = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env")),
                args=[ast.Constant(value=str(name)), *_],
                keywords=keywords,
            ):
                defaults = [word.value for word in keywords if word.arg == "default"]
                found[name] = shown(defaults[0]) if defaults else "required"
    return found


def shown(default: ast.expr) -> str:
    """Return a default the way a person would write it into the environment."""
    try:
        value = eval(compile(ast.Expression(default), "default", "eval"), {"__builtins__": {}})
    except NameError:
        return COMPUTED
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = ",".join(value) if isinstance(value, list) else str(value)
    return f"`{text}`" if text else "empty"


def variables_of_readme() -> dict[str, str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return {row["name"]: row["default"].strip() for row in ROW.finditer(text)}


def test_readme_documents_exactly_the_variables_that_settings_read() -> None:
    assert sorted(variables_of_readme()) == sorted(variables_of_settings())


def test_readme_gives_the_defaults_of_the_settings() -> None:
    documented, read = variables_of_readme(), variables_of_settings()

    literal = {name: default for name, default in read.items() if default != COMPUTED}
    assert {name: documented[name] for name in literal} == literal


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", True), ("True", True), ("on", True), ("1", True), ("false", False), ("0", False)],
)
def test_boolean_is_read(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    monkeypatch.setenv("HTTPS_ONLY", text)

    assert Environment().bool("HTTPS_ONLY", default=not expected) is expected


@pytest.mark.parametrize("text", ["ture", "", "2", "nein"])
def test_misspelled_boolean_switches_nothing_off(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HTTPS_ONLY", text)

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().bool("HTTPS_ONLY", default=True)

    assert str(refusal.value) == f"HTTPS_ONLY is {text!r}; write true or false."


@pytest.mark.parametrize("text", ["", "two", "1.5", "1e3"])
def test_number_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("WORKER_PROCESSES", text)

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().int("WORKER_PROCESSES", default=2)

    assert str(refusal.value) == (
        f"WORKER_PROCESSES is {text!r}; write a whole number, for example 60."
    )


def test_missing_variable_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().str("SECRET_KEY")

    assert str(refusal.value) == (
        "SECRET_KEY is not set. `make setup` writes a .env file with fresh secrets;"
        " README.md explains every variable."
    )


def test_choice_takes_only_what_it_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().choice("LOG_FORMAT", ("json", "console"), default="json")

    assert str(refusal.value) == "LOG_FORMAT is 'xml'; write one of: json, console."


def test_url_that_is_no_database_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://patchbay:canary@host/name")

    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL is no URL") as refusal:
        Environment().database("DATABASE_URL", default="sqlite://:memory:")

    assert "canary" not in str(refusal.value)


def test_database_url_with_an_encoded_password_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://patchbay:p%40ss@db.example:5433/hub")

    found = Environment().database("DATABASE_URL", default="sqlite://:memory:")

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "hub",
        "USER": "patchbay",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": 5433,
    }


def test_database_url_with_a_port_that_is_none_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://patchbay:canary@host:port/name")

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().database("DATABASE_URL", default="sqlite://:memory:")

    assert str(refusal.value) == (
        "DATABASE_URL cannot be read; write it like postgres://user:password@host:5432/name,"
        " with a number as the port and %XX for special characters of the password."
    )


@pytest.mark.parametrize(
    "url", ["garbage", "pop3://user:canary@host", "smtp+tls://user:canary@host:port", "smtp://"]
)
def test_mail_url_that_sends_nothing_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().mail("EMAIL_URL", default="consolemail://")

    assert str(refusal.value) == (
        "EMAIL_URL is no way to send mail; write smtp+tls://user:password@host:587,"
        " smtp+ssl://user:password@host:465 or, to print mail, consolemail://."
    )


def test_mail_url_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://ada:s%40cret@mail.example:587")

    found = Environment().mail("EMAIL_URL", default="consolemail://")

    assert found["EMAIL_HOST"] == "mail.example"
    assert found["EMAIL_HOST_PASSWORD"] == "s@cret"
    assert found["EMAIL_USE_TLS"] is True


def test_named_file_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENV_FILE", str(tmp_path / "none"))

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().read_file("ENV_FILE", default=tmp_path / ".env")

    assert str(refusal.value) == (
        f"ENV_FILE names '{tmp_path}/none', which cannot be read (No such file or directory);"
        " write the path of a .env file, or leave it out for the one in this folder."
    )


def test_named_file_is_read_and_the_usual_one_may_be_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Environment, "ENVIRON", {"ENV_FILE": str(tmp_path / "named")})
    (tmp_path / "named").write_text("PUBLIC_URL=https://hub.example\n", encoding="utf-8")

    Environment().read_file("ENV_FILE", default=tmp_path / ".env")
    Environment().read_file("OTHER_FILE", default=tmp_path / ".env")

    assert Environment.ENVIRON["PUBLIC_URL"] == "https://hub.example"
