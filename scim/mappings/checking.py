"""What is asked of a mapping before it is saved."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.types import Json
from records.mapping import CompiledMapping, Fault, Rule, compile_mapping
from scim.errors import InvalidMappingError
from scim.mappings.kept import RESERVED
from scim.mappings.paths import checking, written
from scim.schemas.attributes import Attribute


def drafted(fields: Json, tree: Attribute) -> CompiledMapping:
    """Return a draft ready for use. ``tree`` are the attributes that users may have.

    Raises InvalidMappingError.
    """
    draft = compile_mapping(fields, checking(tree), reserved=RESERVED)
    if draft.faults:
        raise InvalidMappingError(draft.faults)
    return draft


def normalized(fields: Json, tree: Attribute) -> list[Mapping[str, Json]]:
    """Return the rules of a draft as they are kept: paths spelled as the schemas spell them.

    Raises InvalidMappingError.
    """
    return [_kept(rule, tree) for rule in drafted(fields, tree).rules]


def _kept(rule: Rule, tree: Attribute) -> Mapping[str, Json]:
    kept: dict[str, Json] = {"field": rule.field}
    kept |= {"path": written(rule.path, tree)} if rule.path else {"expression": rule.expression}
    kept["type"] = str(rule.kind)
    if rule.required:
        kept["required"] = True
    if rule.default is not None:
        kept["default"] = rule.default
    return kept


def messages(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """Return faults as data, for pages."""
    return [{"index": each.index, "key": each.key, "message": str(each)} for each in faults]
