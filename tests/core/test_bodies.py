"""Bodies that are cut off are told from those that are whole."""

from io import BytesIO
from typing import Any

import pytest

from core.bodies import BrokenBodyError, WholeBody, with_whole_bodies

BODY = b"first line\nsecond line\n\nlast"


def pieces_of(stream: WholeBody) -> bytes:
    """Read a stream as parsers of forms do."""
    found = b""
    while piece := stream.read(7):
        found += piece
    return found


def lines_of(stream: WholeBody) -> bytes:
    """Read a stream line by line."""
    found = b""
    while line := stream.readline():
        found += line
    return found


READERS = [WholeBody.read, pieces_of, lines_of]


@pytest.mark.parametrize("reader", READERS)
def test_a_whole_body_is_read_as_it_is(reader: Any) -> None:
    following = BytesIO(BODY + b"the next request")

    assert reader(WholeBody(following, len(BODY))) == BODY
    assert following.read() == b"the next request"


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("arrived", [0, 1, 11, 23, 24, len(BODY) - 1])
def test_a_body_that_breaks_off_is_none(reader: Any, arrived: int) -> None:
    with pytest.raises(BrokenBodyError, match="bytes before its Content-Length"):
        reader(WholeBody(BytesIO(BODY[:arrived]), len(BODY)))


@pytest.mark.parametrize("length", ["", "0", "many", "-1", "\u00b2"])
def test_a_request_without_a_length_has_no_body(length: str) -> None:
    given: dict[str, Any] = {"CONTENT_LENGTH": length, "wsgi.input": BytesIO()}

    def application(environ: dict[str, Any], _: Any) -> list[bytes]:
        return [environ["wsgi.input"].read()]

    assert list(with_whole_bodies(application)(given, print)) == [b""]
