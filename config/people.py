"""What is done for people in a browser, and not for the programs that send webhooks and users.

They have no session, no cookie and no page, and are answered twice as often.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

PROGRAMS = ("/scim/v2/", "/in/")


class _ForPeople:
    """The part of a middleware that lets programs pass."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        passed = self.get_response if request.path.startswith(PROGRAMS) else super().__call__  # type: ignore[misc]  # of the middleware beside it
        response: HttpResponseBase = passed(request)
        return response


class SessionForPeople(_ForPeople, SessionMiddleware):
    """Who has signed in, by a cookie."""


class UserForPeople(_ForPeople, AuthenticationMiddleware):
    """The person whose session it is."""


class MessagesForPeople(_ForPeople, MessageMiddleware):
    """What the next page tells them."""
