"""The rule about attributes that no schema has. It comes last, when all else is in its place."""

from collections.abc import Mapping, Sequence

from core.types import Json
from scim.profiles.known import KnownType
from scim.profiles.operations import Operation
from scim.profiles.places import Place
from scim.profiles.reshaping import Resource, on_bodies
from scim.profiles.rules.operations import NAMES
from scim.profiles.targets import Target, is_path
from scim.profiles.types import UNKNOWN_ATTRIBUTES, Rule
from scim.schemas.attributes import Attribute


def _in_resource(resource: Resource, kind: KnownType, place: Place) -> Resource:
    return _in_object(resource, kind.core, kind, place)


def _in_object(value: Resource, schema: Attribute, kind: KnownType, place: Place) -> Resource:
    new: Resource = {}
    for key, item in value.items():
        attribute = schema.child(key)
        extension = kind.extensions.get(key.lower())
        if attribute:
            new[key] = _in_value(attribute, item, place.inside(key))
        elif extension and isinstance(item, dict):
            new[key] = _in_object(item, extension, kind, place.inside(key))
        elif extension:
            new[key] = item
        elif is_path(key):
            place.inside(key).mark()
        else:
            new[key] = item
    return new


def _in_value(attribute: Attribute, value: Json, place: Place) -> Json:
    if not attribute.children:
        return value
    if isinstance(value, list):
        return [
            _in_entry(attribute.children, entry, place, position)
            for position, entry in enumerate(value)
        ]
    return _without_unknown(attribute.children, value, place)


def _in_entry(parts: Mapping[str, Attribute], entry: Json, place: Place, position: int) -> Json:
    # Most entries of thousands are in order: for them not even the place is made.
    if isinstance(entry, dict) and all(key.lower() in parts for key in entry):
        return entry
    return _without_unknown(parts, entry, place.inside(position))


def _without_unknown(parts: Mapping[str, Attribute], value: Json, place: Place) -> Json:
    if not isinstance(value, dict):
        return value
    kept: Resource = {}
    for key, item in value.items():
        if key.lower() in parts or not is_path(key):
            kept[key] = item
        else:
            place.inside(key).mark()
    return kept


def _in_operation(operation: Operation, place: Place) -> Sequence[Operation]:
    if operation.op not in NAMES:
        return [operation]
    target = operation.target
    if target is None:
        if not is_path(operation.path):
            return [operation]
        place.inside("path").mark()
        return []
    if not operation.writes:
        return [operation]
    before = len(place.found)
    value = _at_target(target, operation, place.inside("value"))
    return [operation] if len(place.found) == before else [operation.altered(value=value)]


def _at_target(target: Target, operation: Operation, place: Place) -> Json:
    value = operation.value
    if target.part or not isinstance(value, dict | list):
        return value
    if target.attribute:
        return _in_value(target.attribute, value, place)
    if isinstance(value, dict):
        return _in_object(value, target.schema, operation.kind, place)
    return value


IGNORE_UNKNOWN = Rule(
    name=UNKNOWN_ATTRIBUTES,
    sentence=(
        "Ignores attributes that no schema here has, for identity providers whose administrators"
        " map more attributes than an application knows. An attribute in a filter is never"
        " ignored."
    ),
    source="Captain-P-Goldfish/SCIM-SDK#539; templates of OneLogin are edited by customers",
    apply=on_bodies(resource=_in_resource, operation=_in_operation),
)
