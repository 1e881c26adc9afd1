"""Scopes: what a credential may do."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.api.exceptions import ApiError


class InsufficientScope(ApiError):  # noqa: N818
    """The credential is good but may not do this (RFC 6750, 3.1)."""

    status_code = 403
    error = "INSUFFICIENT_SCOPE"


def required_scope(view: Any, method: str) -> str:
    """Return the scope that ``method`` needs on ``view``."""
    by_action: dict[str, str] = getattr(view, "action_scopes", {})
    action = getattr(view, "action", None)
    if action in by_action:
        return by_action[action]
    scope: str = view.read_scope if method in SAFE_METHODS else view.write_scope
    return scope


class HasScope(BasePermission):
    """Let a credential pass that holds the scope the view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user is None:
            return False
        scope = required_scope(view, request.method or "")
        if scope not in request.user.scopes:
            raise InsufficientScope(
                f"This needs the scope {scope}, which the credential does not have.",
                details={"required": scope, "granted": sorted(request.user.scopes)},
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
            )
        return True
