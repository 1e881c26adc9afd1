"""The request that the running code serves, for logs and error answers.

Services do not read this: what they need to know of the caller is passed to them as an ``Actor``.
"""

from contextvars import ContextVar, Token
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """What identifies a request: its own id, and the id of the whole story it belongs to."""

    request_id: str
    correlation_id: str
    ip_address: str | None
    path: str = ""


_context: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def current() -> RequestContext | None:
    """Return the context of the request in progress, or None outside of one."""
    return _context.get()


def enter(context: RequestContext) -> Token[RequestContext | None]:
    """Make ``context`` current; hand the result to ``leave``."""
    return _context.set(context)


def leave(token: Token[RequestContext | None]) -> None:
    """Put back what was current before ``enter``."""
    _context.reset(token)
