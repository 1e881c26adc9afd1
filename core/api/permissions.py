"""Scopes: what a credential may do."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.api.exceptions import ApiError
from core.auth import caller


class InsufficientScope(ApiError):  # noqa: N818
    """The credential is good but may not do this (RFC 6750, 3.1)."""

    status_code = 403
    error = "INSUFFICIENT_SCOPE"


def required_scope(view: Any, method: str) -> str | None:
    """Return the scope that ``method`` needs on ``view``; None where any credential will do.

    A view says None in so many words: one that names no scope at all is a mistake and fails.
    """
    by_action: dict[str, str] = getattr(view, "action_scopes", {})
    action = getattr(view, "action", None)
    if action in by_action:
        return by_action[action]
    scope: str | None = view.read_scope if method in SAFE_METHODS else view.write_scope
    return scope


class HasScope(BasePermission):
    """Let a credential pass that holds the scope the view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        credential = caller(request)
        if credential is None:
            return False
        scope = required_scope(view, request.method or "")
        if scope is not None and scope not in credential.scopes:
            raise InsufficientScope(
                f"This needs the scope {scope}, which the credential does not have.",
                details={"required": scope, "granted": sorted(credential.scopes)},
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            )
        return True
