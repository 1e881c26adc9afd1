"""Rules about the operations of a PATCH request."""

from collections.abc import Sequence

from core.types import Json
from scim.profiles.comparisons import quoted
from scim.profiles.known import is_read_only
from scim.profiles.operations import Operation, key_of
from scim.profiles.places import Place
from scim.profiles.reshaping import on_bodies
from scim.profiles.targets import target_of
from scim.profiles.types import LISTED_MEMBERS, Rule

NAMES = frozenset(("add", "replace", "remove"))


def _lower_case(operation: Operation, place: Place) -> Sequence[Operation]:
    key = key_of("op", operation.raw)
    if operation.op not in NAMES or key is None or operation.raw[key] == operation.op:
        return [operation]
    place.inside("op").mark()
    return [operation.altered(op=operation.op)]


def _split(operation: Operation, place: Place) -> Sequence[Operation]:
    """Give each key that is a path an operation of its own, after what remains."""
    value = operation.value
    if not operation.writes or operation.path or not isinstance(value, dict):
        return [operation]
    paths = {key: item for key, item in value.items() if _is_path_key(key, operation)}
    if not paths:
        return [operation]
    for key in paths:
        place.inside("value").inside(key).mark()
    rest: dict[str, Json] = {key: item for key, item in value.items() if key not in paths}
    split = [operation.writing(key, item) for key, item in paths.items()]
    return [operation.altered(value=rest), *split] if rest else split


def _is_path_key(key: str, operation: Operation) -> bool:
    """Return whether the key names more than an attribute or an extension."""
    kind = operation.kind
    if kind.core.child(key) or kind.schema(key):
        return False
    return target_of(key, kind) is not None


def _one_by_one(operation: Operation, place: Place) -> Sequence[Operation]:
    target = operation.target
    whole = target.whole if target else None
    if operation.op != "remove" or whole is None or whole.name.lower() != "members":
        return [operation]
    ids = _ids(operation.value)
    if not ids:
        return [operation]
    place.inside("value").mark()
    return [operation.removal(f"{operation.path}[value eq {quoted(id_)}]") for id_ in ids]


def _ids(value: Json) -> list[str]:
    """Return the ids of the listed members, each once, or nothing when one of them has none."""
    if not isinstance(value, list):
        return []
    ids = [entry.get("value") if isinstance(entry, dict) else None for entry in value]
    named = [id_ for id_ in ids if isinstance(id_, str) and id_]
    return list(dict.fromkeys(named)) if len(named) == len(ids) else []


def _without_read_only(operation: Operation, place: Place) -> Sequence[Operation]:
    value = operation.value
    if not operation.writes or operation.path or not isinstance(value, dict):
        return [operation]
    core = operation.kind.core
    dropped = {key for key in value if (child := core.child(key)) and is_read_only(child)}
    if not dropped:
        return [operation]
    for key in sorted(dropped):
        place.inside("value").inside(key).mark()
    return [
        operation.altered(value={key: item for key, item in value.items() if key not in dropped})
    ]


OPERATION_CASE = Rule(
    name="operation-case",
    sentence=(
        "Writes the names of operations in small letters, for Microsoft Entra ID and its imitators,"
        " which send Add, Replace and Remove."
    ),
    source="Microsoft entra-docs; ory/polis#4070, langwatch#6972, langwatch#7140",
    apply=on_bodies(operation=_lower_case),
)

PATH_KEYS = Rule(
    name="path-keys",
    sentence=(
        "Makes an operation of its own of every key that is a path (name.givenName, a URN with an"
        " attribute, a path with a filter) in the value of an operation without a path, for"
        " Microsoft Entra ID with the flag aadOptscim062020."
    ),
    source="Microsoft entra-docs, flag aadOptscim062020",
    apply=on_bodies(operation=_split),
)

REMOVE_LISTED_MEMBERS = Rule(
    name=LISTED_MEMBERS,
    sentence=(
        "Removes just the members that a remove of members lists in its value, for Microsoft Entra"
        " ID without the flag aadOptscim062020 and for JumpCloud."
    ),
    source="Microsoft entra-docs; MicrosoftDocs/azure-docs#30826; threads about JumpCloud",
    apply=on_bodies(operation=_one_by_one),
)

READ_ONLY_IN_PATCH = Rule(
    name="read-only-in-patch",
    sentence=(
        "Ignores id, meta and other attributes that only the server writes in the value of an"
        " operation without a path, for Okta, which renames groups with"
        ' {"id": ..., "displayName": ...}.'
    ),
    source="Okta, SCIM 2.0 protocol reference, group push",
    apply=on_bodies(operation=_without_read_only),
)
