"""Rules about the manager of a user, which identity providers write in many ways."""

from collections.abc import Sequence

from core.types import Json
from scim.profiles.known import KnownType
from scim.profiles.operations import Operation, key_of
from scim.profiles.places import Place
from scim.profiles.reshaping import Resource, in_operations, in_resources, on_bodies
from scim.profiles.types import Rule
from scim.schemas.attributes import Attribute

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MANAGER = "manager"


def is_manager(name: str, kind: KnownType) -> bool:
    """Return whether ``name`` can only be the manager of the enterprise extension."""
    enterprise = kind.schema(ENTERPRISE)
    return (
        name.partition(".")[0].lower() == MANAGER
        and MANAGER not in kind.core.children
        and enterprise is not None
        and MANAGER in enterprise.children
    )


def _full_path(operation: Operation, place: Place) -> Sequence[Operation]:
    kind, value = operation.kind, operation.value
    if is_manager(operation.path, kind):
        place.inside("path").mark()
        return [operation.altered(path=with_urn(operation.path))]
    if operation.path or not isinstance(value, dict):
        return [operation]
    keys = [key for key in value if is_manager(key, kind)]
    if not keys or any(with_urn(key) in value for key in keys):
        return [operation]
    for key in keys:
        place.inside("value").inside(key).mark()
    new: dict[str, Json] = {
        with_urn(key) if is_manager(key, kind) else key: item for key, item in value.items()
    }
    return [operation.altered(value=new)]


def with_urn(name: str) -> str:
    """Return the path of an attribute of the enterprise extension in full."""
    return f"{ENTERPRISE}:{name}"


def _into_extension(resource: Resource, kind: KnownType, place: Place) -> Resource:
    key = key_of(MANAGER, resource)
    if key is None or not is_manager(key, kind):
        return resource
    name = key_of(ENTERPRISE, resource) or ENTERPRISE
    extension = resource.get(name) or {}
    if not isinstance(extension, dict) or key_of(MANAGER, extension):
        return resource
    place.inside(key).mark()
    rest = {other: value for other, value in resource.items() if other != key}
    return {**rest, name: {**extension, MANAGER: resource[key]}}


def _whole(value: Json) -> Json:
    """Return the manager as an object, or None for whatever stands for no manager."""
    if isinstance(value, list) and len(value) <= 1:
        return _whole(value[0]) if value else None
    if isinstance(value, str):
        return {"value": value} if value else None
    if isinstance(value, dict) and value.get("value") == "":
        return None
    return value


def _manager(attribute: Attribute, value: Json, place: Place) -> Json:
    if attribute.name.lower() != MANAGER or not attribute.children or attribute.multi_valued:
        return value
    new = _whole(value)
    if new == value:
        return value
    place.mark()
    return new


def _in_operation(operation: Operation, place: Place) -> Sequence[Operation]:
    """Remove a manager that is set to none: an operation may not add null."""
    target = operation.target
    whole = target.whole if target else None
    if whole is None or whole.name.lower() != MANAGER or operation.value is None:
        return _in_value(operation, place)
    if operation.op == "remove":
        place.inside("value").mark()
        return [operation.removal(operation.path)]
    (edited,) = _in_value(operation, place)
    cleared = operation.writes and edited.value is None
    return [operation.removal(operation.path)] if cleared else [edited]


_in_value = in_operations(_manager)

MANAGER_PATH = Rule(
    name="manager-path",
    sentence=(
        "Finds the manager in the enterprise extension when it is named without the extension, for"
        " Microsoft Entra ID."
    ),
    source="Microsoft entra-docs; Captain-P-Goldfish/SCIM-SDK, workarounds for Azure",
    apply=on_bodies(resource=_into_extension, operation=_full_path),
)

MANAGER_VALUE = Rule(
    name="manager-value",
    sentence=(
        'Reads a manager that is a plain id or a list of one, and an empty one ("", [],'
        ' {"value": ""}) as none, for Microsoft Entra ID and for the templates of OneLogin.'
    ),
    source="Microsoft Entra SCIM Validator, manager tests; OneLogin, SCIM JSON Template",
    apply=on_bodies(resource=in_resources(_manager), operation=_in_operation),
)
