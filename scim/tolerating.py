"""From what an identity provider has sent to what the strict core reads."""

from dataclasses import dataclass, replace
from functools import lru_cache

from scim2_models import SCIMException
from scim2_server.requests import ScimRequest
from scim2_server.routing import Operation, match

from core import strict_json
from core.types import Json
from scim.errors import InvalidJsonError
from scim.profiles import normalize
from scim.profiles.types import Firing, Kind, Profile, RawRequest
from scim.schemas.service import Service

# The core asks more than once for each request.
matched = lru_cache(maxsize=1_000)(match)
_KINDS: dict[Operation, Kind] = {
    Operation.create: "create",
    Operation.replace: "replace",
    Operation.patch: "patch",
    Operation.search: "search",
    Operation.search_with_body: "search",
    Operation.query: "query",
    Operation.bulk: "bulk",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A request for the core, and what was put right in it."""

    request: ScimRequest
    body: Json
    firings: tuple[Firing, ...] = ()


def read(request: ScimRequest, profile: Profile, service: Service) -> Read:
    """Return the request as the rules of ``profile`` leave it.

    Raises InvalidJsonError for a body that two readers could understand differently.
    """
    body = _json(request.body)
    kind = _kind(request)
    if kind is None or not profile.rules:
        return Read(request=request, body=body)
    raw = RawRequest(
        kind=kind,
        resource_type="" if kind == "bulk" else service.known.at_endpoint(request.path),
        body=body,
        query=request.query,
    )
    normalized = normalize(profile, raw, service.known)
    if not normalized.firings:
        return Read(request=request, body=body)
    changed = replace(request, query=normalized.query)
    if normalized.body is not body:
        changed = replace(changed, body=strict_json.dumps(normalized.body))
    return Read(request=changed, body=normalized.body, firings=normalized.firings)


def _kind(request: ScimRequest) -> Kind | None:
    """Return what kind of request it is, None for one that no rule could be about."""
    try:
        return _KINDS.get(matched(request.method.upper(), request.path).operation)
    except SCIMException:
        return None


def _json(body: bytes) -> Json:
    if not body:
        return None
    try:
        return strict_json.loads(body)
    except strict_json.StrictJsonError as error:
        raise InvalidJsonError(detail=str(error)) from None
