"""Request bodies arrive whole, or not at all."""

from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BrokenBodyError(OSError):
    """A body ended before its Content-Length: Django turns this into UnreadablePostError."""


class WholeBody:
    """A stream of ``length`` bytes that fails when fewer arrive.

    Web servers hand out what came before a connection broke as if it were all. What is not signed,
    such as a form, would then be taken for what the sender meant.
    """

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes, or all that are left."""
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(wanted)
        return self._counted(data, whole=len(data) >= wanted)

    def readline(self, size: int = -1) -> bytes:
        """Return a line, or ``size`` bytes of it."""
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.readline(wanted)
        return self._counted(data, whole=len(data) >= wanted or data.endswith(b"\n"))

    def _counted(self, data: bytes, *, whole: bool) -> bytes:
        self._left -= len(data)
        if not whole:
            raise BrokenBodyError(f"The body ended {self._left} bytes before its Content-Length")
        return data


def with_whole_bodies(application: Application) -> Application:
    """Return a WSGI application whose requests never have a part of a body."""

    def whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isascii() and length.isdecimal():
            environ["wsgi.input"] = WholeBody(environ["wsgi.input"], int(length))
        return application(environ, start_response)

    return whole
