"""Make rules of small functions: for resources, for operations, for the values of both."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.types import Json
from scim.profiles.known import KnownAttributes, KnownType
from scim.profiles.operations import Operation, key_of, nothing
from scim.profiles.places import Place
from scim.profiles.types import Apply, Change, RawRequest
from scim.schemas.attributes import Attribute

Resource = dict[str, Json]
ResourceEdit = Callable[[Resource, KnownType, Place], Resource]
OperationEdit = Callable[[Operation, Place], Sequence[Operation]]
ValueEdit = Callable[[Attribute, Json, Place], Json]


def on_bodies(*, resource: ResourceEdit | None = None, operation: OperationEdit | None) -> Apply:
    """Make a rule of what to do with a resource that is sent whole, and with an operation.

    An edit marks the place of everything that it changes, and gives back the very same object when
    it changes nothing. Requests about an unknown type are left alone.
    """

    def apply(request: RawRequest, known: KnownAttributes) -> Change:
        kind, body, place = known.types.get(request.resource_type), request.body, Place()
        if kind and isinstance(body, dict):
            if request.kind == "patch" and operation:
                body = _operations_edited(body, kind, operation, place)
            elif request.kind in ("create", "replace") and resource:
                body = resource(body, kind, place)
        return changed(request, place, body=body)

    return apply


def on_values(edit: ValueEdit) -> Apply:
    """Make a rule of what to do with the value of an attribute, wherever a request holds one."""
    return on_bodies(resource=in_resources(edit), operation=in_operations(edit))


def in_resources(edit: ValueEdit) -> ResourceEdit:
    """Make an edit of resources of an edit of values."""

    def resource(value: Resource, kind: KnownType, place: Place) -> Resource:
        return _resource_edited(value, kind.core, kind, place, edit)

    return resource


def in_operations(edit: ValueEdit) -> OperationEdit:
    """Make an edit of operations of an edit of values."""

    def operation(item: Operation, place: Place) -> Sequence[Operation]:
        value = _target_edited(item, place.inside("value"), edit)
        return [item] if value is item.value else [item.altered(value=value)]

    return operation


def changed(request: RawRequest, place: Place, *, body: Json) -> Change:
    """Return the change to the body, or the request itself when no place is marked."""
    if not place.found:
        return Change(request=request, places=())
    return Change(request=replace(request, body=body), places=tuple(place.found))


def _resource_edited(
    resource: Resource, schema: Attribute, kind: KnownType, place: Place, edit: ValueEdit
) -> Resource:
    edited: Resource = {}
    same = True
    for key, value in resource.items():
        attribute = schema.child(key)
        extension = kind.extensions.get(key.lower())
        new = value
        if attribute:
            new = edit(attribute, value, place.inside(key))
        elif extension and isinstance(value, dict):
            new = _resource_edited(value, extension, kind, place.inside(key), edit)
        same = same and new is value
        edited[key] = new
    return resource if same else edited


def _operations_edited(
    body: Resource, kind: KnownType, edit: OperationEdit, place: Place
) -> Resource:
    name = key_of("Operations", body)
    items = body[name] if name else None
    if name is None or not isinstance(items, list):
        return body
    before = len(place.found)
    edited: list[Json] = []
    inside = place.inside(name)
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            edited.append(item)
            continue
        edited += [new.raw for new in edit(Operation(item, kind), inside.inside(position))]
    if len(place.found) == before:
        return body
    return {**body, name: edited or [nothing()]}


def _target_edited(operation: Operation, place: Place, edit: ValueEdit) -> Json:
    target, value = operation.target, operation.value
    if target is None or value is None:
        return value
    if target.attribute is None:
        if isinstance(value, dict):
            return _resource_edited(value, target.schema, operation.kind, place, edit)
        return value
    if target.part:
        return edit(target.part, value, place)
    if target.filtered:
        return edit(replace(target.attribute, multi_valued=False), value, place)
    return edit(target.attribute, value, place)
