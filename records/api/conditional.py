"""Conditional requests (RFC 9110, 13): the entity tag of a record is its version in quotes."""

import re
from collections.abc import Callable

from rest_framework.request import Request

from core.api.exceptions import ApiError

ANY = "*"
NEVER = 0
# RFC 9110, 8.8.3; the list may have empty elements (5.6.1).
TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
LIST = re.compile(rf"\s*(?:{TAG.pattern})?\s*(?:,\s*(?:{TAG.pattern})?\s*)*")
VERSION = re.compile(r"[1-9][0-9]{0,8}")
MAX_CHARACTERS = 1_000


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def expected_version(request: Request, current: Callable[[], int]) -> int | None:
    """Return the version that ``If-Match`` asks for, None when any version will do.

    A tag that can never match, such as a weak one (13.1.1), gives NEVER, which no record is in.
    ``current`` is asked only when there are several tags to choose from.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == ANY:
        return None
    versions = [NEVER if weak else _version(text) for weak, text in _tags("If-Match", header)]
    if len(versions) == 1:
        return versions[0]
    now = current()
    return now if now in versions else NEVER


def is_known(request: Request, version: int) -> bool:
    """Whether ``If-None-Match`` says that the caller has this version already (13.1.2)."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    if header.strip() == ANY:
        return True
    return version in [_version(text) for _, text in _tags("If-None-Match", header)]


def _version(text: str) -> int:
    return int(text) if VERSION.fullmatch(text) else NEVER


def _tags(name: str, header: str) -> list[tuple[str, str]]:
    """Return (weakness, text) of each tag in a list; raise ApiError for what is no list of tags."""
    tags = TAG.findall(header)
    if len(header) > MAX_CHARACTERS or not tags or not LIST.fullmatch(header):
        raise ApiError(f'{name} must be * or an entity tag in quotes, such as "3".')
    return tags
