"""Put right what an identity provider is known to send, before the strict core reads it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.types import Json
from scim.profiles.known import KnownAttributes
from scim.profiles.operations import key_of
from scim.profiles.types import Firing, Kind, Normalized, Profile, RawRequest

MAX_PLACES = 20
"""How many places are named for one rule. One more firing says how many others there are."""

_KINDS: dict[str, Kind] = {"post": "create", "put": "replace", "patch": "patch"}


def normalize(profile: Profile, request: RawRequest, known: KnownAttributes) -> Normalized:
    """Return the request as the rules of the profile leave it, with what they have changed.

    What no rule makes sense of stays as it is, for the core to refuse. Never raises, and takes
    time in proportion to the body; what was sent is not altered.
    """
    if request.kind == "bulk":
        body, firings = _bulk(profile, request, known)
        return Normalized(body=body, query=request.query, firings=_bounded(firings))
    request, firings = _one(profile, request, known)
    return Normalized(body=request.body, query=request.query, firings=_bounded(firings))


def _one(
    profile: Profile, request: RawRequest, known: KnownAttributes
) -> tuple[RawRequest, list[Firing]]:
    firings: list[Firing] = []
    for rule in profile.rules:
        change = rule.apply(request, known)
        request = change.request
        firings += [Firing(rule=rule.name, where=place) for place in change.places]
    return request, firings


def _bulk(
    profile: Profile, request: RawRequest, known: KnownAttributes
) -> tuple[Json, list[Firing]]:
    """Normalize the data of each operation as the single request that it stands for."""
    body = request.body
    name = key_of("Operations", body) if isinstance(body, dict) else None
    items = body[name] if name and isinstance(body, dict) else None
    if name is None or not isinstance(body, dict) or not isinstance(items, list):
        return body, []
    firings: list[Firing] = []
    new: list[Json] = []
    for position, item in enumerate(items):
        single = _single(item, known)
        key = key_of("data", item) if isinstance(item, dict) else None
        if single is None or key is None or not isinstance(item, dict):
            new.append(item)
            continue
        normalized, fired = _one(profile, single, known)
        prefix = f"{name}[{position}].{key}."
        firings += [replace(firing, where=prefix + firing.where) for firing in fired]
        new.append({**item, key: normalized.body} if fired else item)
    return ({**body, name: new} if firings else body), firings


def _single(item: Json, known: KnownAttributes) -> RawRequest | None:
    """Return the request that an operation of a bulk request stands for, if it sends anything."""
    if not isinstance(item, dict):
        return None
    members = {key.lower(): value for key, value in item.items()}
    method, path = members.get("method"), members.get("path")
    if not isinstance(method, str) or not isinstance(path, str):
        return None
    kind, resource_type = _KINDS.get(method.lower()), known.at_endpoint(path)
    if kind is None or not resource_type:
        return None
    return RawRequest(kind=kind, resource_type=resource_type, body=members.get("data"), query={})


def _bounded(firings: Iterable[Firing]) -> tuple[Firing, ...]:
    return tuple(_told(firings))


def _told(firings: Iterable[Firing]) -> Iterator[Firing]:
    counts: Counter[str] = Counter()
    for firing in firings:
        counts[firing.rule] += 1
        if counts[firing.rule] <= MAX_PLACES:
            yield firing
    for rule, count in counts.items():
        if count > MAX_PLACES:
            yield Firing(rule=rule, where=f"and {count - MAX_PLACES} more places")
