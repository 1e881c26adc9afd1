"""Where in a document the value stands that a filter or a sort order names."""

from dataclasses import dataclass

from scim2_models import InvalidFilterException
from scim2_models.path import AttrPath

from core.types import Json
from scim.filters.dialects import Path
from scim.schemas.attributes import Attribute

VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An attribute and the way to it.

    ``entries`` is the way to a list with several values, None where there is one value. ``path``
    leads to the value: from the document, or from each entry.
    """

    attribute: Attribute
    path: Path
    entries: Path | None = None


def find(within: Attribute, attr_path: AttrPath) -> Place | None:
    """Return the place of an attribute in a resource or an entry, None where there is no such."""
    holder, path = _holder(within, attr_path.uri)
    head = holder.child(attr_path.attr) if holder else None
    if head is None:
        return None
    path = (*path, head.name)
    if attr_path.sub_attr is None:
        return _place(head, path)
    sub = head.child(attr_path.sub_attr)
    if sub is None:
        return None
    if head.multi_valued:
        return Place(attribute=sub, path=(sub.name,), entries=path)
    return _place(sub, (*path, sub.name))


def find_compared(within: Attribute, attr_path: AttrPath) -> Place | None:
    """Return the place that a comparison means: ``emails`` is ``emails.value`` there.

    Raises InvalidFilterException for a complex attribute, which equals nothing one could write.
    """
    place = find(within, attr_path)
    if place is None or place.attribute.type != "complex":
        return place
    value = place.attribute.child(VALUE)
    if value is None or place.entries is None:
        raise InvalidFilterException(
            detail=f"{attr_path} has sub-attributes; name the one to compare"
        )
    return Place(attribute=value, path=(value.name,), entries=place.entries)


def nested(path: Path, value: Json) -> Json:
    """Return the smallest document with ``value`` at ``path``."""
    for name in reversed(path):
        value = {name: value}
    return value


def _holder(within: Attribute, uri: str | None) -> tuple[Attribute | None, Path]:
    """Return the schema that a URN names, and the way to its attributes."""
    if uri is None or uri.lower() == within.name.lower():
        return within, ()
    extension = within.child(uri)
    return extension, (extension.name,) if extension else ()


def _place(attribute: Attribute, path: Path) -> Place:
    if attribute.multi_valued:
        return Place(attribute=attribute, path=(), entries=path)
    return Place(attribute=attribute, path=path)
