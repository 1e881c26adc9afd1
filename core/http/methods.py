"""Which methods may be sent. Pure."""

import re

from core.http.errors import InvalidMethodError

_METHOD = re.compile(r"[A-Z]{1,20}")
# CONNECT asks for a tunnel, and TRACE for one's own credentials back.
_REFUSED_METHODS = frozenset({"CONNECT", "TRACE"})


def check_method(method: str) -> None:
    """Raise InvalidMethodError unless ``method`` may be sent."""
    if not _METHOD.fullmatch(method) or method in _REFUSED_METHODS:
        raise InvalidMethodError(
            f"{method[:20]!a} is not a method that can be sent; use GET, POST, PUT, PATCH or DELETE"
        )
