"""Filters of the whole grammar of RFC 7644, section 3.4.2.2, as Hypothesis strategies."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from scim.schemas.attributes import Attribute
from tests.scim.fuzzing.inhabitants import STRINGS, VALUES

Text = st.SearchStrategy[str]
RELATIONS = ("members", "groups")
EQUALITIES = ("eq", "ne")
ORDERS = ("gt", "ge", "lt", "le")
PARTS = ("co", "sw", "ew")
MAX_LEAVES = 6
# Characters that no filter may hold: no stored value has them (they are tested on their own).
FORBIDDEN = {"blacklist_categories": ("Cs",), "blacklist_characters": "\x00"}
CASES: tuple[Callable[[str], str], ...] = (str, str.upper, str.lower, str.swapcase, str.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An attribute, and how a filter names it."""

    text: str
    attribute: Attribute
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the stored resources and stands in no schema."""

    ids: Sequence[str]
    moments: Sequence[str]


def named(tree: Attribute) -> Iterator[Named]:
    """Yield everything that a filter can name, but for memberships."""
    for child in tree.children.values():
        if child.name.startswith("urn:"):
            for inner in child.children.values():
                yield from _with_parts(f"{child.name}:{inner.name}", inner)
        elif child.name not in RELATIONS:
            yield from _with_parts(child.name, child)
            yield from _with_parts(f"{tree.name}:{child.name}", child)


def _with_parts(text: str, attribute: Attribute) -> Iterator[Named]:
    yield Named(text=text, attribute=attribute, many=attribute.multi_valued)
    for part in attribute.children.values():
        yield Named(text=f"{text}.{part.name}", attribute=part, many=attribute.multi_valued)


def filters(trees: Sequence[Attribute], known: Known) -> Text:
    """Return filters that every resource type in ``trees`` reads and none may refuse."""
    leaves = st.one_of(
        [_comparisons([*named(tree)], known) for tree in trees]
        + [_presences([*named(tree)]) for tree in trees]
        + [_selections([*named(tree)]) for tree in trees if any(_selectable(tree))]
        + [_relations(known, [name for tree in trees for name in tree.children])]
    )
    return _combined(leaves)


def _combined(leaves: Text) -> Text:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds("{} {} {}".format, inner, _any_case("and"), inner),
            st.builds("{} {} {}".format, inner, _any_case("or"), inner),
            st.builds("{} ({})".format, _any_case("not"), inner),
            st.builds("({})".format, inner),
        ),
        max_leaves=MAX_LEAVES,
    )


def _any_case(text: str) -> Text:
    return st.sampled_from(CASES).map(lambda change: change(text))


def operands(attribute: Attribute, known: Known | None = None) -> Text:
    """Return the literals that a filter may compare an attribute with."""
    values: list[Any] = [*VALUES[attribute.type], None]
    if known and attribute.name == "id":
        values += [*known.ids, *(each.upper() for each in known.ids), "scm_", "0"]
    if attribute.type == "dateTime" and known:
        values += known.moments
    if attribute.name in ("version", "resourceType"):
        values += ['W/"1"', 'w/"1"', "User", "GROUP", "user"]
    literal = st.sampled_from(values)
    if attribute.type == "string":
        literal |= st.text(st.characters(**FORBIDDEN), max_size=4)  # type: ignore[arg-type]
    if attribute.type == "integer":
        literal |= st.integers()
    if attribute.type == "decimal":
        literal |= st.floats(allow_nan=False, allow_infinity=False) | st.integers()
    return st.builds(_json, literal, st.booleans())


def _json(value: Any, plain: bool) -> str:
    return json.dumps(value, ensure_ascii=plain)


def _operators(attribute: Attribute) -> tuple[str, ...]:
    if attribute.name == "password" or attribute.type in ("boolean", "binary"):
        return EQUALITIES
    return EQUALITIES + ORDERS + PARTS


def _comparable(each: Named) -> bool:
    """Say whether SQL can compare it, and anything at all."""
    if each.text.lower().endswith("meta.location"):
        return False
    if each.attribute.type != "complex":
        return True
    return each.many and each.attribute.child("value") is not None


def _compared(each: Named, known: Known | None) -> Text:
    attribute = each.attribute
    if attribute.type == "complex":
        attribute = attribute.children["value"]
    operator = st.sampled_from(_operators(attribute)).flatmap(_any_case)
    return operator.flatmap(
        lambda chosen: st.builds(
            "{} {} {}".format,
            _any_case(each.text),
            st.just(chosen),
            _right(attribute, chosen, known),
        )
    )


def _right(attribute: Attribute, operator: str, known: Known | None) -> Text:
    if operator.lower() in PARTS:
        # A part need not be a whole value of that type.
        return st.builds(_json, st.sampled_from(STRINGS), st.booleans()) | operands(
            attribute, known
        )
    return operands(attribute, known)


def _comparisons(names: list[Named], known: Known) -> Text:
    chosen = st.sampled_from([each for each in names if _comparable(each)])
    return chosen.flatmap(lambda each: _compared(each, known))


def _presences(names: list[Named]) -> Text:
    chosen = st.sampled_from([each.text for each in names]).flatmap(_any_case)
    return st.builds("{} {}".format, chosen, _any_case("pr"))


def _selectable(tree: Attribute) -> list[Named]:
    return [each for each in named(tree) if each.many and each.attribute.multi_valued]


def _selections(names: list[Named]) -> Text:
    # The evaluator reads no dates and no bytes in lists of plain values; ours have a test.
    chosen = [
        each
        for each in names
        if each.attribute.multi_valued and each.attribute.type not in ("dateTime", "binary")
    ]
    return st.sampled_from(chosen).flatmap(_selected)


def _selected(each: Named) -> Text:
    inner = [
        Named(text=part.name, attribute=part) for part in each.attribute.children.values()
    ] or [Named(text="value", attribute=each.attribute)]
    leaves = st.sampled_from(inner).flatmap(
        lambda part: (
            _compared(part, None) | st.builds("{} {}".format, _any_case(part.text), _any_case("pr"))
        )
    )
    brackets = st.builds("{}[{}]".format, _any_case(each.text), _combined(leaves))
    if each.attribute.type != "complex":
        return brackets
    return brackets | st.builds("{}.{}".format, brackets, leaves)


def _relations(known: Known, heads: Sequence[str]) -> Text:
    """Return filters on memberships: of those only the equality with an id is answered."""
    identity = st.sampled_from([*known.ids, "scm_nobody", ""]).map(json.dumps)
    found: list[Text] = []
    for head in [each for each in RELATIONS if each in heads]:
        path = st.sampled_from([head, f"{head}.value"]).flatmap(_any_case)
        operator = st.sampled_from(EQUALITIES).flatmap(_any_case)
        found += [
            st.builds("{} {} {}".format, path, operator, identity),
            st.builds("{}[value eq {}]".format, _any_case(head), identity),
            st.builds("{} pr".format, _any_case(head)),
        ]
    if "members" in heads:
        kind = st.sampled_from(["User", "group", "GROUP", "x"]).map(json.dumps)
        found.append(st.builds("members.type {} {}".format, st.sampled_from(EQUALITIES), kind))
        found.append(st.builds("members[type eq {}]".format, kind))
    return st.one_of(found)
