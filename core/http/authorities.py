"""Whose certificates are trusted: the public authorities, and those of the operator beside them."""

import ssl
import tempfile
from pathlib import Path
from typing import IO

import requests.utils

from core.http.errors import TlsError

PUBLIC_AUTHORITIES = Path(requests.utils.DEFAULT_CA_BUNDLE_PATH)


def load_authorities(context: ssl.SSLContext, ca_bundle: str) -> None:
    """Make ``context`` trust the public authorities and those in the PEM file ``ca_bundle``.

    Raises TlsError when a file is missing or holds no certificate.
    """
    try:
        context.load_verify_locations(PUBLIC_AUTHORITIES)
        if ca_bundle:
            context.load_verify_locations(ca_bundle)
    except OSError as error:
        raise _unreadable() from error


class AuthoritiesFile:
    """All trusted authorities in a single PEM file, for libraries that take one path.

    The file at ``path`` is there until ``close``, and no longer than this process, which alone can
    open it. Raises TlsError when made, as ``load_authorities`` does.
    """

    def __init__(self, ca_bundle: str) -> None:
        load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca_bundle)
        self.path = str(PUBLIC_AUTHORITIES)
        self._file: IO[bytes] | None = None
        if ca_bundle:
            try:
                self._file = _joined(PUBLIC_AUTHORITIES, Path(ca_bundle))
            except OSError as error:
                raise _unreadable() from error
            self.path = f"/dev/fd/{self._file.fileno()}"

    def close(self) -> None:
        """Drop the file, unless it is that of the public authorities."""
        if self._file is not None:
            self._file.close()


def _joined(*bundles: Path) -> IO[bytes]:
    """Return a file without a name: it goes away with the process, even when that is killed."""
    joined = tempfile.TemporaryFile()  # noqa: SIM115 - closed by AuthoritiesFile.close
    for bundle in bundles:
        joined.write(bundle.read_bytes() + b"\n")
    joined.flush()
    return joined


def _unreadable() -> TlsError:
    return TlsError("the certificate authorities that the operator configured cannot be read")
