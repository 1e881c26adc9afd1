"""Paths to the attributes of a user, as SCIM writes them (RFC 7644, sections 3.5.2 and 3.10).

``userName``, ``name.givenName``, ``emails[type eq "work"].value``. Attributes of an extension begin
with its URN; ``enterprise.`` stands for that of RFC 7643, section 4.3, and ``extension.`` for the
directory's own.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import partial

from scim2_models import InvalidPathException, Path
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
)

from core.types import Json
from records.mapping import Notation, Place, PlaceError
from scim.mappings.accepting import accepting
from scim.schemas.attributes import Attribute
from scim.storage.writing import KEPT_ELSEWHERE

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_NAME, EXTENSION_NAME = "enterprise", "extension"
_COLUMN = re.compile(r"column (\d+)")
_STEP = re.compile(r"(?:^|\.)([^.\[\]]+)")
_SELECTING = 'to select an entry, write emails[type eq "work"].value'
_Node = AttrPath | ValuePath


def place(path: str) -> Place:
    """Return where an attribute stands in a stored user. Raises PlaceError.

    Names are spelled as the schemas spell them; ``written`` does that.
    """
    node = _parsed(path)
    if isinstance(node, AttrPath):
        return Place(keys=(*_root(node.uri), node.attr, *_sub(node.sub_attr)))
    return Place(
        keys=(*_root(node.attr_path.uri), node.attr_path.attr),
        accepts=accepting(node.val_filter),
        weight=_comparisons(node.val_filter),
        then=_sub(node.sub_attr),
    )


def scope(data: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what expressions read: the user, with extensions under names that can be written."""
    own = next((key for key in data if key.startswith("urn:") and key != ENTERPRISE), None)
    named = {ENTERPRISE_NAME: data.get(ENTERPRISE), EXTENSION_NAME: data.get(own) if own else None}
    return {**data, **named}


STORED = Notation(place=place, scope=scope)
"""How saved mappings are read."""


def checking(tree: Attribute) -> Notation:
    """Return how mappings are read before they are saved: what the schemas lack is refused."""

    def checked(path: str) -> Place:
        return place(written(path, tree))

    return Notation(place=checked, scope=scope, objection=partial(objection, tree))


def written(path: str, tree: Attribute) -> str:
    """Return a path with every name as the schemas spell it. Raises PlaceError."""
    extension = own_extension(tree)
    node = _parsed(path, extension.name if extension else "")
    attr_path = node if isinstance(node, AttrPath) else node.attr_path
    holder = _holder(tree, attr_path)
    head = _child(holder, attr_path.attr)
    named = AttrPath(attr=head.name, uri=None if holder is tree else holder.name)
    sub = None if node.sub_attr is None else _child(head, node.sub_attr).name
    if isinstance(node, AttrPath):
        return _shortened(replace(named, sub_attr=sub))
    if not head.multi_valued:
        raise PlaceError(f"{head.name} has one value, so there is nothing to select from")
    chosen = _Speller(head).visit(node.val_filter)
    return _shortened(ValuePath(attr_path=named, val_filter=chosen, sub_attr=sub))


def objection(tree: Attribute, names: Collection[str]) -> str:
    """Say which of the paths in an expression leads nowhere; empty when all lead somewhere."""
    try:
        for name in sorted(names):
            _check_steps(tree, _STEP.findall(name))
    except PlaceError as error:
        return error.message
    return ""


def _check_steps(tree: Attribute, steps: list[str]) -> None:
    if steps[0] in (ENTERPRISE_NAME, EXTENSION_NAME):
        enterprise = steps[0] == ENTERPRISE_NAME
        within = tree.child(ENTERPRISE) if enterprise else own_extension(tree)
        if within is None:
            raise PlaceError("the directory has no extension of its own")
        steps = steps[1:]
    else:
        within = tree
        _refuse_elsewhere(steps[0])
    for step in steps:
        if within.multi_valued:
            raise PlaceError(
                f"{within.name} is a list; write first({within.name}).{step}, or use a path"
            )
        found = _child(within, step)
        if found.name != step:
            raise PlaceError(f"{step} is written {found.name}")
        within = found


def _parsed(path: str, extension: str = "") -> _Node:
    uri, rest = "", path
    for name, urn in ((ENTERPRISE_NAME, ENTERPRISE), (EXTENSION_NAME, extension)):
        if path.startswith(f"{name}."):
            if not urn:
                raise PlaceError("the directory has no extension of its own")
            uri, rest = urn, path.removeprefix(f"{name}.")
    try:
        node = Path(f"{uri}:{rest}" if uri else rest).ast
    except InvalidPathException as error:
        raise _syntax_error(str(error.detail or ""), uri, path) from None
    if not isinstance(node, _Node):
        raise PlaceError(f"this is a comparison; {_SELECTING}")
    return node


def _syntax_error(detail: str, uri: str, path: str) -> PlaceError:
    found = _COLUMN.search(detail)
    shift = len(uri) + 1 - path.index(".") - 1 if uri else 0
    column = max(int(found[1]) - shift, 1) if found else 0
    example = 'write name.givenName, emails[type eq "work"].value or enterprise.department'
    return PlaceError(f"this is no path; {example}", min(column, len(path) + 1))


def _comparisons(node: FilterNode) -> int:
    if isinstance(node, LogicalExpr):
        return sum(_comparisons(term) for term in node.terms)
    return _comparisons(node.expr) if isinstance(node, Not) else 1


def _root(uri: str | None) -> tuple[str, ...]:
    return () if uri is None or uri.lower() == CORE.lower() else (uri,)


def _sub(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def known_paths(tree: Attribute) -> list[str]:
    """Return the paths that a mapping can read, for a person to pick from."""
    own = own_extension(tree)
    extensions = [(ENTERPRISE_NAME, tree.child(ENTERPRISE)), (EXTENSION_NAME, own)]
    named = [
        *(each for key, each in tree.children.items() if not key.startswith("urn:")),
        *(
            replace(each, name=f"{name}.{each.name}")
            for name, extension in extensions
            if extension is not None
            for each in extension.children.values()
        ),
    ]
    found: list[str] = []
    for attribute in named:
        if attribute.name in KEPT_ELSEWHERE:
            continue
        if attribute.type != "complex":
            found.append(attribute.name)
        found += [f"{attribute.name}.{each.name}" for each in attribute.children.values()]
        if attribute.child("type") and attribute.child("value"):
            found.append(f'{attribute.name}[type eq "work"].value')
    return found


def own_extension(tree: Attribute) -> Attribute | None:
    """Return the schema that a directory has of its own."""
    known = (each for key, each in tree.children.items() if key.startswith("urn:"))
    return next((each for each in known if each.name != ENTERPRISE), None)


def _holder(tree: Attribute, path: AttrPath) -> Attribute:
    """Return the schema that a path begins in."""
    if path.uri is None or path.uri.lower() == tree.name.lower():
        _refuse_elsewhere(path.attr)
        return tree
    extension = tree.child(path.uri)
    if extension is None:
        raise PlaceError(f"the directory has no schema {path.uri[:200]}")
    return extension


def _refuse_elsewhere(name: str) -> None:
    kept = {each.lower(): each for each in KEPT_ELSEWHERE}.get(name.lower())
    if kept:
        raise PlaceError(f"{kept} is not among the attributes that a mapping reads")


def _child(within: Attribute, name: str) -> Attribute:
    found = within.child(name)
    if found is not None:
        return found
    names = [each.name for each in within.children.values() if not each.name.startswith("urn:")]
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    holder = within.name
    if holder.startswith("urn:"):
        holder = "a user" if holder == CORE else "the extension"
    raise PlaceError(f"{holder} has no attribute {name[:100]}{hint}")


def _shortened(node: _Node) -> str:
    text = str(node)
    prefix = f"{ENTERPRISE}:"
    return f"{ENTERPRISE_NAME}.{text.removeprefix(prefix)}" if text.startswith(prefix) else text


class _Speller(FilterVisitor[FilterNode]):
    """Writes the names in a filter as the schema spells them."""

    def __init__(self, entry: Attribute) -> None:
        self.entry = entry

    def visit_comparison(self, node: Comparison) -> FilterNode:
        return replace(node, attr_path=self._path(node.attr_path))

    def visit_present(self, node: Present) -> FilterNode:
        return replace(node, attr_path=self._path(node.attr_path))

    def visit_not(self, node: Not) -> FilterNode:
        return replace(node, expr=self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> FilterNode:
        return replace(node, terms=tuple(self.visit(term) for term in node.terms))

    def visit_value_path(self, node: ValuePath) -> FilterNode:
        raise PlaceError("there are no brackets in brackets")

    def _path(self, path: AttrPath) -> AttrPath:
        if self.entry.type != "complex" and path.attr.lower() == "value":
            return AttrPath(attr="value")
        if path.sub_attr is not None or path.uri is not None:
            raise PlaceError(f"in brackets an attribute of the entry is named, not {path}")
        return AttrPath(attr=_child(self.entry, path.attr).name)
