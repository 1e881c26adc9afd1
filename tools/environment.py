"""Write ``.env`` with fresh secrets, on the first run only. Standard library alone."""

import base64
import os
import secrets
import sys
from pathlib import Path

OWNER_ONLY = 0o600
SECRET_KEY_BYTES = 64
FERNET_KEY_BYTES = 32


def fresh() -> dict[str, str]:
    """Return what an installation on this machine alone needs, with new secrets each time."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(SECRET_KEY_BYTES),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(FERNET_KEY_BYTES)).decode(),
        "HTTPS_ONLY": "false",
        "LOG_FORMAT": "console",
    }


def write(path: Path) -> bool:
    """Write a fresh environment to ``path``, readable by its owner alone.

    Returns False, and leaves the file as it is, when there is one: its keys may be the only ones
    that open what the database holds.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("# Written once, for this machine. README.md explains every variable.\n")
        file.write("# On a server, write what docs/deployment.md says in place of HTTPS_ONLY.\n")
        file.writelines(f"{name}={value}\n" for name, value in fresh().items())
    return True


if __name__ == "__main__":
    target = Path(sys.argv[1])
    if write(target):
        print(f"-- wrote {target} with fresh secrets; keep a copy: it opens the stored secrets")
