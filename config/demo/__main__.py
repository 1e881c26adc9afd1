"""``python -m config.demo [--once]``: what ``make demo`` runs.

The demonstration has a database of its own and talks to nothing but 127.0.0.1, so this module
sets the environment before the settings are read.
"""

import argparse
import fcntl
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import django

from config.demo.errors import DemoError
from config.demo.listening import listen, url_of

ROOT = Path(__file__).resolve().parent.parent.parent
HIGHEST_PORT = 65_535


def main() -> int:
    """Run the demonstration; return 0 when everything happened, 1 when anything did not."""
    options = _options()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a letter shall not end the demonstration.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _folder(once=options.once) as folder, listen(options.port) as listener:
            url = url_of(listener)
            if options.port not in (0, listener.getsockname()[1]):
                sys.stdout.write(f"Port {options.port} is taken; the web server is at {url}\n")
            _set_environment(folder, url)
            django.setup()
            from config.demo.run import run  # noqa: PLC0415  # needs the settings

            return run(folder=folder, once=options.once, listener=listener)
    except (DemoError, OSError) as error:
        sys.stdout.write(f"✗ {error}\n")
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the webhook has arrived")
    parser.add_argument(
        "--port", type=int, default=8000, help="of the web server; another one when it is taken"
    )
    options = parser.parse_args()
    if not 0 <= options.port <= HIGHEST_PORT:
        parser.error(f"--port must be from 0 to {HIGHEST_PORT}")
    return options


@contextmanager
def _folder(*, once: bool) -> Iterator[Path]:
    """Yield where the demonstration keeps its files: a folder that stays, or one for this run.

    Raises DemoError when another demonstration is using the folder that stays.
    """
    if once:
        with tempfile.TemporaryDirectory(prefix="patchbay-demo-") as name:
            yield Path(name)
        return
    folder = ROOT / "var" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"Another demonstration is running in {folder}; stop it.") from None
        yield folder


def _set_environment(folder: Path, url: str) -> None:
    """Let nothing of the demonstration depend on what ``.env`` is set up for, except the keys."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DATABASE_URL=f"sqlite:///{quote(str(folder / 'demo.sqlite3'))}",
        PUBLIC_URL=url,
        ALLOWED_HOSTS="127.0.0.1,localhost",
        CSRF_TRUSTED_ORIGINS="",
        DEBUG="false",
        HTTPS_ONLY="false",
        BEHIND_TLS_PROXY="false",
        OUTBOUND_HTTPS_ONLY="false",
        OUTBOUND_ALLOWED_NETWORKS="127.0.0.0/8",
        EMAIL_URL="consolemail://",
        LOG_LEVEL="WARNING",
        LOG_FORMAT="console",
    )


if __name__ == "__main__":
    sys.exit(main())
