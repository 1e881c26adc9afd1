"""Bytes on the wire, without a library that would put them right."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.e2e.processes import PATIENCE_SECONDS

PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came back: the status code (0 for nothing that is HTTP) and the body."""

    status: int
    body: bytes

    def envelope(self) -> dict[str, Any]:
        """Return the body as the error envelope that it must be."""
        parsed: dict[str, Any] = json.loads(self.body)
        assert parsed["success"] is False
        return parsed


def exchange(port: int, *pieces: bytes) -> RawAnswer:
    """Send ``pieces`` as far as they are taken, say that nothing more comes; return the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
        # Refused before the end, the answer is there.
        with suppress(OSError):
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
        return _parsed(_received(client))


def _received(client: socket.socket) -> bytes:
    answer = b""
    # What was not read is thrown away with a reset.
    with suppress(ConnectionResetError):
        while piece := client.recv(PIECE):
            answer += piece
    return answer


def _parsed(answer: bytes) -> RawAnswer:
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    known = words[0].startswith(b"HTTP/1.") and len(words) > 1
    if b"transfer-encoding: chunked" in head.lower():
        body = _joined(body)
    return RawAnswer(status=int(words[1]) if known else 0, body=body)


def _joined(chunks: bytes) -> bytes:
    """Return the content of a chunked body (RFC 9112, 7.1)."""
    content = b""
    while True:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return content
        content += rest[:length]
        chunks = rest[length + 2 :]
