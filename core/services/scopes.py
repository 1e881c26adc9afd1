"""Which scopes may be handed out."""

from collections.abc import Iterable

from django.conf import settings

from core.errors import ScopeNotAllowedError


def check_scopes(scopes: Iterable[str], *, within: Iterable[str] | None = None) -> list[str]:
    """Return ``scopes`` sorted; raise ScopeNotAllowedError for one that is unknown or not granted.

    ``within`` are the scopes of the credential that hands them out: nobody gives more than they have.
    """
    wanted = sorted(set(scopes))
    if unknown := [scope for scope in wanted if scope not in settings.API_SCOPES]:
        raise ScopeNotAllowedError(
            f"Unknown scope {unknown[0]}; there are: {', '.join(settings.API_SCOPES)}."
        )
    if within is not None and (missing := sorted(set(wanted) - set(within))):
        raise ScopeNotAllowedError(
            f"The scope {missing[0]} cannot be given by a credential that does not have it."
        )
    return wanted
