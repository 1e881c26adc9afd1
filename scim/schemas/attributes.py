"""What attributes a resource may have, as the schemas say it (RFC 7643, section 7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.types import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute and its characteristics (RFC 7643, section 2.2).

    ``children`` are its sub-attributes by their name in small letters; of an extension of a
    schema, which is written like a complex attribute named by its URN, its attributes.
    """

    name: str
    type: str = "string"
    multi_valued: bool = False
    case_exact: bool = False
    returned: str = "default"
    mutability: str = "readWrite"
    unique: bool = False
    children: Mapping[str, "Attribute"] = field(default_factory=dict)

    def child(self, name: str) -> "Attribute | None":
        """Return the sub-attribute ``name``, in whatever case that is written."""
        return self.children.get(name.lower())


# RFC 7643, section 3.1.
COMMON = (
    Attribute(name="schemas", type="reference", multi_valued=True),
    Attribute(name="id", case_exact=True, returned="always", mutability="readOnly"),
    Attribute(name="externalId", case_exact=True),
    Attribute(
        name="meta",
        type="complex",
        mutability="readOnly",
        children={
            "resourcetype": Attribute(name="resourceType", case_exact=True),
            "created": Attribute(name="created", type="dateTime"),
            "lastmodified": Attribute(name="lastModified", type="dateTime"),
            "location": Attribute(name="location", type="reference", case_exact=True),
            "version": Attribute(name="version", case_exact=True),
        },
    ),
)


def of_schema(definition: Mapping[str, Json]) -> Attribute:
    """Return a schema as a complex attribute named by its URN."""
    return Attribute(
        name=str(definition["id"]),
        type="complex",
        children=_children(definition.get("attributes")),
    )


def of_resource(
    core: Attribute, extensions: Iterator[Attribute] | tuple[Attribute, ...]
) -> Attribute:
    """Return everything that a resource of the schema ``core`` with ``extensions`` may have."""
    everything = {each.name.lower(): each for each in COMMON} | dict(core.children)
    everything |= {each.name.lower(): each for each in extensions}
    return Attribute(name=core.name, type="complex", children=everything)


def _children(definitions: Any) -> dict[str, Attribute]:
    return {str(each["name"]).lower(): _attribute(each) for each in definitions or []}


def _attribute(definition: Mapping[str, Any]) -> Attribute:
    return Attribute(
        name=definition["name"],
        type=definition["type"],
        multi_valued=bool(definition.get("multiValued")),
        case_exact=bool(definition.get("caseExact")),
        returned=definition.get("returned") or "default",
        mutability=definition.get("mutability") or "readWrite",
        unique=definition.get("uniqueness") in ("server", "global"),
        children=_children(definition.get("subAttributes")),
    )
