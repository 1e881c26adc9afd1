"""Which attributes an answer holds: ``attributes`` and ``excludedAttributes`` (RFC 7644, 3.9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.types import Json
from scim.schemas.attributes import Attribute

Names = tuple[str, ...]
SCHEMAS = "schemas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The attributes that were asked for, or those that were asked to be left out.

    Each is the way to it in small letters, from the resource on: ``("name", "givenname")``.
    """

    only: frozenset[Names] = frozenset()
    without: frozenset[Names] = frozenset()

    def wants(self, *names: str) -> bool:
        """Say whether anything of an attribute can be in the answer."""
        name = tuple(each.lower() for each in names)
        if self.only:
            return any(each[: len(name)] == name[: len(each)] for each in self.only)
        return name not in self.without

    def names(self, *names: str) -> bool:
        """Say whether exactly this attribute was asked for."""
        return names in self.only


EVERYTHING = Projection()


def projection(
    tree: Attribute, attributes: Iterable[str] | None, excluded: Iterable[str] | None
) -> Projection:
    """Return the projection for the texts of both parameters, which have been validated."""
    only = frozenset(_way(tree, str(each)) for each in attributes or ())
    without = frozenset(_way(tree, str(each)) for each in excluded or ())
    return Projection(only=only, without=without)


def _way(tree: Attribute, text: str) -> Names:
    lowered = text.lower()
    core = tree.name.lower()
    if lowered.startswith(f"{core}:"):
        lowered = lowered.removeprefix(f"{core}:")
    for urn in tree.children:
        if urn.startswith("urn:") and (lowered == urn or lowered.startswith(f"{urn}:")):
            rest = lowered.removeprefix(urn).removeprefix(":")
            return (urn, *(rest.split(".") if rest else ()))
    return tuple(lowered.split("."))


def projected(data: Mapping[str, Json], tree: Attribute, chosen: Projection) -> dict[str, Json]:
    """Return what of a resource goes into an answer.

    Its ``schemas`` are those of what is there (RFC 7643, section 3).
    """
    result = _object(data, tree, chosen, ())
    schemas = result.get(SCHEMAS)
    if isinstance(schemas, list):
        there = {name.lower() for name in result}
        result[SCHEMAS] = [
            urn for urn in schemas if urn.lower() in there or tree.child(urn) is None
        ]
    return result


def _object(
    data: Mapping[str, Json], within: Attribute, chosen: Projection, way: Names
) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for name, value in data.items():
        attribute = within.child(name)
        if attribute is None:
            continue
        here = (*way, name.lower())
        kept = _kept(value, attribute, chosen, here)
        if kept is not None:
            result[name] = kept
    return result


def _kept(value: Json, attribute: Attribute, chosen: Projection, here: Names) -> Json:
    """Return what remains of one attribute, None when nothing does."""
    if attribute.returned == "always" or here == (SCHEMAS,):
        return value
    if attribute.returned == "never" or here in chosen.without:
        return None
    if any(here[: len(way)] == way for way in chosen.only):
        return _default(value, attribute)
    on_the_way = any(way[: len(here)] == here for way in chosen.only)
    if not on_the_way and (chosen.only or attribute.returned == "request"):
        return None
    if attribute.type == "complex":
        return _inner(value, attribute, chosen, here)
    return None if chosen.only else value


def _inner(value: Json, attribute: Attribute, chosen: Projection, here: Names) -> Json:
    """Return what remains of a complex attribute of which a part may go."""
    if isinstance(value, Mapping):
        return _object(value, attribute, chosen, here) or None
    entries = value if isinstance(value, list) else []
    kept = [_object(each, attribute, chosen, here) for each in entries if isinstance(each, Mapping)]
    return [each for each in kept if each] or None


def _default(value: Json, attribute: Attribute) -> Json:
    """Return an attribute that was asked for by its name, with what it usually holds."""
    if attribute.type != "complex":
        return value
    if isinstance(value, Mapping):
        return _usual(value, attribute)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_usual(each, attribute) for each in value if isinstance(each, Mapping)]
    return value


def _usual(value: Mapping[str, Json], attribute: Attribute) -> dict[str, Json]:
    kept = {}
    for name, item in value.items():
        child = attribute.child(name)
        if child is not None and child.returned not in ("never", "request"):
            kept[name] = _default(item, child)
    return kept
