"""Rules about filters: of a query, of a search, and in the path of an operation."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote

from core.types import Json
from scim.profiles.comparisons import Comparison, edited, quoted, renamed
from scim.profiles.known import KnownAttributes, KnownType, is_boolean
from scim.profiles.operations import Operation, key_of
from scim.profiles.places import Place
from scim.profiles.reshaping import on_bodies
from scim.profiles.rules.managers import MANAGER, is_manager, with_urn
from scim.profiles.rules.values import boolean_of
from scim.profiles.targets import MAX_PATH_LENGTH, target_of
from scim.profiles.types import Apply, Change, RawRequest, Rule

TextEdit = Callable[[str, Sequence[KnownType]], str]
LiteralEdit = Callable[[Comparison, Sequence[KnownType]], str | None]

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What is not closed is matched too, and kept, so that it is not read again from each bracket in it.
_VALUE_FILTER = re.compile(r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*+"?)*+(\])?', re.DOTALL)


def _on_filters(edit: LiteralEdit) -> Apply:
    """Make a rule of what to do with the value of a comparison, in every kind of filter."""
    return _on_texts(lambda text, kinds: edited(text, lambda comparison: edit(comparison, kinds)))


def _on_texts(edit: TextEdit) -> Apply:
    """Make a rule of what to do with the text of a filter of every kind."""

    def operation(item: Operation, place: Place) -> Sequence[Operation]:
        if "[" not in item.path or len(item.path) > MAX_PATH_LENGTH:
            return [item]
        path = edit(item.path, [item.kind])
        if path == item.path:
            return [item]
        place.inside("path").mark()
        return [item.altered(path=path)]

    in_paths = on_bodies(operation=operation)

    def apply(request: RawRequest, known: KnownAttributes) -> Change:
        if request.kind == "patch":
            return in_paths(request, known)
        kinds = _kinds(request, known)
        in_query = _in_query(request, lambda text: edit(text, kinds))
        if request.kind != "search":
            return in_query
        in_body = _in_search(in_query.request, lambda text: edit(text, kinds))
        return Change(request=in_body.request, places=(*in_query.places, *in_body.places))

    return apply


def _kinds(request: RawRequest, known: KnownAttributes) -> Sequence[KnownType]:
    """Return the types that the filter may be about: at the root it is about all of them."""
    if not request.resource_type:
        return list(known.types.values())
    kind = known.types.get(request.resource_type)
    return [kind] if kind else []


def _in_query(request: RawRequest, edit: Callable[[str], str]) -> Change:
    before = request.query.get("filter", "")
    after = edit(before)
    if after == before:
        return Change(request=request, places=())
    query: Mapping[str, str] = {**request.query, "filter": after}
    return Change(request=replace(request, query=query), places=("filter",))


def _in_search(request: RawRequest, edit: Callable[[str], str]) -> Change:
    body = request.body
    key = key_of("filter", body) if isinstance(body, dict) else None
    before = body[key] if key and isinstance(body, dict) else None
    if key is None or not isinstance(body, dict) or not isinstance(before, str):
        return Change(request=request, places=())
    after = edit(before)
    if after == before:
        return Change(request=request, places=())
    new: dict[str, Json] = {**body, key: after}
    return Change(request=replace(request, body=new), places=(key,))


def _boolean(comparison: Comparison, kinds: Sequence[KnownType]) -> str | None:
    meant = boolean_of(comparison.text)
    if meant is None:
        return None
    targets = [target_of(comparison.attribute, kind) for kind in kinds]
    attributes = [target.innermost for target in targets if target]
    if not any(attribute and is_boolean(attribute) for attribute in attributes):
        return None
    return "true" if meant else "false"


def _manager_in_full(text: str, kinds: Sequence[KnownType]) -> str:
    def rename(attribute: str) -> str | None:
        names = [_value_of_manager(attribute, kind) for kind in kinds]
        return next((name for name in names if name != attribute), None)

    return renamed(text, rename)


def _value_of_manager(name: str, kind: KnownType) -> str:
    """Return the path to the id of the manager for each name of the manager, or the name itself."""
    full = with_urn(name) if is_manager(name, kind) else name
    target = target_of(full, kind)
    whole = target.whole if target else None
    if whole is None or whole.name.lower() != MANAGER or whole.child("value") is None:
        return full
    return f"{full}.value"


def _quoted(comparison: Comparison, kinds: Sequence[KnownType]) -> str | None:
    return quoted(comparison.literal) if comparison.bare else None


def _decoded(comparison: Comparison, kinds: Sequence[KnownType]) -> str | None:
    """Decode a value that is encoded once too often, when that can be said for sure."""
    text = comparison.text
    if text is None or not _ESCAPE.search(text) or _STRAY_PERCENT.search(text):
        return None
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None
    if _ESCAPE.search(decoded) or not decoded.isprintable():
        return None
    return quoted(decoded)


def _without_filters(request: RawRequest, known: KnownAttributes) -> Change:
    before = request.query.get("attributes", "")
    after = _VALUE_FILTER.sub(lambda match: "" if match[1] else match[0], before)
    if after == before:
        return Change(request=request, places=())
    query: Mapping[str, str] = {**request.query, "attributes": after}
    return Change(request=replace(request, query=query), places=("attributes",))


FILTER_BOOLEANS = Rule(
    name="filter-booleans",
    sentence=(
        'Reads "True" and "False" as true and false where a filter compares a boolean, for'
        ' Microsoft Entra ID, which sends roles[primary eq "True"].value.'
    ),
    source="Microsoft entra-docs, app roles",
    apply=_on_filters(_boolean),
)

MANAGER_FILTER = Rule(
    name="manager-filter",
    sentence=(
        "Compares the id of the manager when a filter names just the manager, with or without the"
        " extension, for Microsoft Entra ID, which asks whether somebody has a certain manager."
    ),
    source="Microsoft entra-docs, requests for reference attributes",
    apply=_on_texts(_manager_in_full),
)

UNQUOTED_VALUES = Rule(
    name="unquoted-values",
    sentence=(
        "Puts the quotation marks round a value that a filter compares without them, for the"
        " Postman collection of Microsoft Entra ID and for filter expressions written by hand in"
        " PingFederate."
    ),
    source="Microsoft Entra Postman collection; PingFederate, SCIM provisioner settings reference",
    apply=_on_filters(_quoted),
)

ENCODED_VALUES = Rule(
    name="encoded-values",
    sentence=(
        "Decodes a value in a filter that is still URL-encoded after the URL was decoded, for the"
        " Microsoft Entra SCIM Validator."
    ),
    source="ssoready, reading of the filters of the Microsoft Entra SCIM Validator",
    apply=_on_filters(_decoded),
)

FILTERED_ATTRIBUTES = Rule(
    name="filtered-attributes",
    sentence=(
        "Answers with the whole attribute when a filter stands in the list of attributes to answer"
        " with, for the Postman collection of Microsoft Entra ID."
    ),
    source="Microsoft Entra Postman collection",
    apply=_without_filters,
)
