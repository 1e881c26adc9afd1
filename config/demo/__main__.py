"""``python -m config.demo [--once]``: what ``make demo`` runs.

The demonstration has a database of its own and talks to nothing but 127.0.0.1, so this module
sets the environment before the settings are read.
"""

import argparse
import os
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Run the demonstration; return 0 when everything happened, 1 when anything did not."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the webhook has arrived")
    parser.add_argument("--port", type=int, default=8000, help="of the web server, if it is free")
    options = parser.parse_args()
    folder = tempfile.TemporaryDirectory() if options.once else nullcontext(ROOT / "var" / "demo")
    with folder as name:
        _set_environment(Path(name))
        django.setup()
        from config.demo.run import run  # noqa: PLC0415  # needs the settings

        return run(folder=Path(name), once=options.once, port=options.port)


def _set_environment(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DATABASE_URL=f"sqlite:///{folder / 'demo.sqlite3'}",
        HTTPS_ONLY="false",
        OUTBOUND_HTTPS_ONLY="false",
        OUTBOUND_ALLOWED_NETWORKS="127.0.0.0/8",
        LOG_LEVEL="WARNING",
    )


if __name__ == "__main__":
    sys.exit(main())
