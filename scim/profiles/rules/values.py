"""Rules about the form of values."""

from collections.abc import Sequence
from dataclasses import replace

from core.types import Json
from scim.profiles.known import is_boolean
from scim.profiles.operations import Operation
from scim.profiles.places import Place
from scim.profiles.reshaping import on_bodies, on_values
from scim.profiles.targets import target_of
from scim.profiles.types import Rule
from scim.schemas.attributes import Attribute

BOOLEANS = {"true": True, "false": False}


def boolean_of(text: Json) -> bool | None:
    """Return what a string says, when it says true or false in whatever letter case."""
    return BOOLEANS.get(text.lower()) if isinstance(text, str) else None


def _boolean(attribute: Attribute, value: Json, place: Place) -> Json:
    if not _boolean_inside(attribute):
        return value
    if isinstance(value, list):
        return _booleans(attribute, value, place)
    if isinstance(value, dict):
        return _booleans_inside(attribute, value, place)
    meant = boolean_of(value) if is_boolean(attribute) else None
    if meant is None:
        return value
    place.mark()
    return meant


def _boolean_inside(attribute: Attribute) -> bool:
    return is_boolean(attribute) or any(map(is_boolean, attribute.children.values()))


def _booleans(attribute: Attribute, values: list[Json], place: Place) -> Json:
    one = replace(attribute, multi_valued=False)
    new = [_boolean(one, value, place.inside(at)) for at, value in enumerate(values)]
    return values if all(map(_same, new, values)) else new


def _booleans_inside(attribute: Attribute, value: dict[str, Json], place: Place) -> Json:
    new = {
        key: _boolean(attribute.children[key.lower()], item, place.inside(key))
        if key.lower() in attribute.children
        else item
        for key, item in value.items()
    }
    return value if all(map(_same, new.values(), value.values())) else new


def _same(left: Json, right: Json) -> bool:
    return left is right


def _listed(attribute: Attribute, value: Json, place: Place) -> Json:
    if not attribute.multi_valued or not attribute.children or not isinstance(value, dict):
        return value
    place.mark()
    return [value]


def _without_nulls(attribute: Attribute, value: Json, place: Place) -> Json:
    if not attribute.multi_valued or not isinstance(value, list) or None not in value:
        return value
    for position, entry in enumerate(value):
        if entry is None:
            place.inside(position).mark()
    return [entry for entry in value if entry is not None]


def _cleared(operation: Operation, place: Place) -> Sequence[Operation]:
    if not operation.writes:
        return [operation]
    if not operation.path:
        return _cleared_keys(operation, place)
    # Null conforms where it replaces, and inside of a value; nothing may be added as null.
    null = operation.op == "add" and operation.value is None
    if not (null or operation.value == "") or not _clearable(operation.path, operation, null=null):
        return [operation]
    place.inside("value").mark()
    return [operation.removal(operation.path)]


def _cleared_keys(operation: Operation, place: Place) -> Sequence[Operation]:
    value = operation.value
    if not isinstance(value, dict):
        return [operation]
    rest = {
        key: item
        for key, item in value.items()
        if item != "" or not _clearable(key, operation, null=False)
    }
    if len(rest) == len(value):
        return [operation]
    cleared = [key for key in value if key not in rest]
    for key in cleared:
        place.inside("value").inside(key).mark()
    removals = [operation.removal(key) for key in cleared]
    return [operation.altered(value=rest), *removals] if rest else removals


def _clearable(path: str, operation: Operation, *, null: bool) -> bool:
    """Return whether what the path leads to can be cleared, by null or by an empty text.

    A password is never cleared: an empty one is for the core to refuse.
    """
    target = target_of(path, operation.kind)
    attribute = target.innermost if target else None
    if attribute is None or attribute.name.lower() == "password":
        return False
    return null or not (attribute.children or is_boolean(attribute))


BOOLEAN_STRINGS = Rule(
    name="boolean-strings",
    sentence=(
        'Reads "True" and "False" as true and false where the schema has a boolean, for Microsoft'
        ' Entra ID, which deactivates users with "False".'
    ),
    source="Microsoft entra-docs, requests to disable users without aadOptscim062020",
    apply=on_values(_boolean),
)

SINGLE_ENTRIES = Rule(
    name="single-entries",
    sentence=(
        "Takes a single object where the schema has a list for a list of one, for the templates of"
        " OneLogin (emails) and for Rippling, SailPoint and WSO2 (members)."
    ),
    source="django-scim2, demo code for OneLogin; threads about Rippling, SailPoint and WSO2",
    apply=on_values(_listed),
)

NULL_ENTRIES = Rule(
    name="null-entries",
    sentence="Leaves out null where it stands as an entry of a list, for Microsoft Entra ID.",
    source="Microsoft entra-docs, users created with nulls",
    apply=on_values(_without_nulls),
)

EMPTY_VALUES = Rule(
    name="empty-values",
    sentence=(
        'Removes an attribute that is set to "", or to which null is added, for Microsoft Entra ID,'
        " which clears attributes in this way."
    ),
    source='Microsoft Entra SCIM Validator, which clears with ""',
    apply=on_bodies(operation=_cleared),
)
