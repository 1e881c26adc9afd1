"""Who acts in the admin."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

from core import context
from core.types import Actor, ActorKind

if TYPE_CHECKING:
    from core.models import User


def staff_of(request: HttpRequest) -> "User":
    """Return the signed-in member of staff."""
    return cast("User", request.user)


def is_operator(request: HttpRequest) -> bool:
    """Say whether the person belongs to the installation and not to one tenant."""
    return staff_of(request).tenant_id is None


def is_superuser(request: HttpRequest) -> bool:
    """Say whether the person may do everything, also give rights to others."""
    return staff_of(request).is_superuser


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in member of staff, as services, events and audit entries name them."""
    user = staff_of(request)
    current = context.current()
    return Actor(
        kind=ActorKind.STAFF,
        id=user.pk,
        label=user.get_username(),
        correlation_id=current.correlation_id if current else "",
        request_id=current.request_id if current else "",
        ip_address=current.ip_address if current else None,
    )
