"""The chunked coding (RFC 9112, 7.1), undone piece by piece within a limit. Pure."""

import re

# A size and its extensions. Whoever needs more is not sending content.
MAX_LINE_BYTES = 4_096

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")


class ChunkedBody:
    """Collects the content of a chunked body, up to ``max_bytes``.

    ``ended`` tells that the last chunk was there, ``truncated`` that there was content beyond the
    limit, ``malformed`` that this is not the chunked coding. Nothing is taken in after any of them.
    """

    def __init__(self, max_bytes: int) -> None:
        self.content = bytearray()
        self.ended = False
        self.truncated = False
        self.malformed = False
        self._max_bytes = max_bytes
        self._line = b""
        self._chunk_bytes_left = 0
        self._after_chunk = False

    def feed(self, data: bytes) -> None:
        """Take in ``data``, the next bytes from the wire."""
        position = 0
        while position < len(data) and not (self.ended or self.truncated or self.malformed):
            if self._chunk_bytes_left:
                position = self._take_content(data, position)
            else:
                position = self._take_line(data, position)

    def _take_content(self, data: bytes, position: int) -> int:
        end = min(len(data), position + self._chunk_bytes_left)
        self._chunk_bytes_left -= end - position
        self._after_chunk = True
        room = self._max_bytes - len(self.content)
        self.content += data[position : min(end, position + room)]
        self.truncated = end - position > room
        return end

    def _take_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position) + 1
        self._line += data[position : end or len(data)]
        if len(self._line) > MAX_LINE_BYTES:
            self.malformed = True
        elif end:
            self._read_line(self._line)
            self._line = b""
        return end or len(data)

    def _read_line(self, line: bytes) -> None:
        if self._after_chunk:
            self._after_chunk = False
            self.malformed = line not in {b"\r\n", b"\n"}
            return
        size = _SIZE.match(line)
        if size is None:
            self.malformed = True
        else:
            self._chunk_bytes_left = int(size[0], 16)
            self.ended = self._chunk_bytes_left == 0
