"""A PATCH of a group, parted into what concerns its members and what does not."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scim2_models import PatchOp, PatchOperation
from scim2_models.path import AttrPath, ValuePath

from scim.members import MEMBERS, MemberChanges, ids_of, selected_ids, without_members


class Parts(NamedTuple):
    """What a PATCH does to the members, and its other operations, in their order."""

    members: MemberChanges
    others: list[PatchOperation[Any]]


def parted(patch: "PatchOp[Any]") -> Parts | None:
    """Return the parts of a validated PATCH of a group.

    None when an operation on members can only be understood with a look at them, such as one that
    selects them by their type.
    """
    parts = Parts(MemberChanges(), [])
    for operation in patch.operations or ():
        if not _taken(operation, parts):
            return None
    return parts


def _taken(operation: PatchOperation[Any], parts: Parts) -> bool:
    """Put an operation where it belongs; say whether that was possible."""
    if operation.path is None or str(operation.path) == "":
        return _taken_without_path(operation, parts)
    node = operation.path.ast
    head = node.attr_path if isinstance(node, ValuePath) else node
    if not isinstance(head, AttrPath):
        return False
    if head.attr.lower() != MEMBERS:
        parts.others.append(operation)
        return True
    if isinstance(node, ValuePath):
        return _taken_from_selection(operation, node, parts.members)
    return head.sub_attr is None and _taken_from_all(operation, parts.members)


def _taken_without_path(operation: PatchOperation[Any], parts: Parts) -> bool:
    if not isinstance(operation.value, Mapping):
        return False
    rest, given = without_members(operation.value)
    for members in given:
        ids = ids_of(members or [])
        if operation.op == PatchOperation.Op.add:
            parts.members.add(ids)
        else:
            parts.members.replace(ids)
    if rest:
        parts.others.append(operation.model_copy(update={"value": rest}))
    return True


def _taken_from_selection(
    operation: PatchOperation[Any], node: ValuePath, members: MemberChanges
) -> bool:
    ids = selected_ids(node.val_filter)
    if ids is None or operation.op != PatchOperation.Op.remove or node.sub_attr is not None:
        return False
    members.remove(ids)
    return True


def _taken_from_all(operation: PatchOperation[Any], members: MemberChanges) -> bool:
    if operation.op == PatchOperation.Op.add:
        members.add(ids_of(operation.value))
    elif operation.op == PatchOperation.Op.replace_:
        members.replace(ids_of(operation.value or []))
    else:
        members.replace([])
    return True
