"""An answer as it comes in, piece by piece, within its limits."""

import re
from datetime import timedelta

from core.http import failures
from core.http.chunks import ChunkedBody
from core.http.errors import HttpError
from core.http.exchange import MAX_RESPONSE_HEADERS_BYTES, WIRE_BYTES_PER_BODY_BYTE
from core.http.headers import storable
from core.http.types import Response

MAX_RESPONSE_HEADER_LINES = 100

REFUSE = 0
"""What a callback of libcurl returns to end the transfer."""

# RFC 9112, 4. A receiver that answers in another version did not understand what it was sent.
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] +([0-9]{3})(?: [^\r\n]*)?\r?\n")
_LINE_ENDS = frozenset({b"\r\n", b"\n"})


class Answer:
    """Takes in the lines and the bytes that libcurl hands over, and keeps count of them.

    ``failure`` says why the answer was refused; it is set before the transfer is ended for it.
    """

    def __init__(self, host: str, max_bytes: int) -> None:
        self.failure: HttpError | None = None
        self.truncated = False
        self._host = host
        self._max_bytes = max_bytes
        self._head_bytes = 0
        self._lines: list[bytes] = []
        self._head_ended = False
        self._status_code = 0
        self._wire_bytes = 0
        self._content = bytearray()
        self._chunks: ChunkedBody | None = None

    def take_line(self, line: bytes) -> int | None:
        """Take in a line of the head, of this answer or of an interim one before it."""
        self._head_bytes += len(line)
        if self._head_ended:
            self._head_ended = False
            self._lines.clear()
        if line in _LINE_ENDS:
            return self._end_head()
        self._lines.append(line)
        if (
            self._head_bytes > MAX_RESPONSE_HEADERS_BYTES
            or len(self._lines) > MAX_RESPONSE_HEADER_LINES
        ):
            return self.refuse(failures.too_long(self._host))
        return None

    def _end_head(self) -> int | None:
        status = _STATUS_LINE.fullmatch(self._lines[0]) if self._lines else None
        if status is None:
            return self.refuse(failures.not_http(self._host))
        self._head_ended = True
        self._status_code = int(status[1])
        if self._status_code == 101:
            return self.refuse(failures.switched(self._host))
        if self._status_code < 200:
            return None
        if b"transfer-encoding" in b"".join(self._lines).lower():
            return self._expect_coding()
        return None

    def _expect_coding(self) -> int | None:
        codings = {
            value.lower()
            for name, value in map(_header, self._lines[1:])
            if name.lower() == "transfer-encoding"
        }
        if codings == {"chunked"}:
            self._chunks = ChunkedBody(self._max_bytes)
        elif codings - {"identity"}:
            return self.refuse(failures.broken(self._host))
        return None

    def take_body(self, data: bytes) -> int | None:
        """Take in bytes of the body, as they are on the wire."""
        self._wire_bytes += len(data)
        if self._chunks is None:
            self._content += data[: self._max_bytes - len(self._content)]
            self.truncated = self._wire_bytes > self._max_bytes
            return REFUSE if self.truncated else None
        self._chunks.feed(data)
        self.truncated = self._chunks.truncated
        if self.truncated:
            return REFUSE
        if self._chunks.malformed:
            return self.refuse(failures.broken(self._host))
        allowed = MAX_RESPONSE_HEADERS_BYTES + self._max_bytes * WIRE_BYTES_PER_BODY_BYTE
        return self.refuse(failures.too_long(self._host)) if self._wire_bytes > allowed else None

    def refuse(self, failure: HttpError) -> int:
        """Note why the transfer is to be ended, and return what ends it."""
        self.failure = failure
        return REFUSE

    def response(self, *, duration: timedelta, address: str) -> Response | HttpError:
        """Return the answer, when libcurl has nothing more to hand over."""
        if not self._head_ended or self._status_code < 200:
            return failures.not_http(self._host)
        chunks = self._chunks
        if chunks is not None and self._wire_bytes and not (chunks.ended or chunks.truncated):
            return failures.broken(self._host)
        return Response(
            status_code=self._status_code,
            headers=tuple([_header(line) for line in self._lines[1:]]),
            body=bytes(self._content if chunks is None else chunks.content),
            truncated=self.truncated,
            duration=duration,
            address=address,
        )


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
    name, value = name.rstrip(" \t"), value.strip(" \t")
    if name.isprintable() and value.isascii() and value.isprintable():
        return name, value
    return storable(name), storable(value)
