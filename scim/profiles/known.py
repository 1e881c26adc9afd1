"""Which attributes a directory knows, read from the trees of its schemas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from scim.schemas.attributes import Attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownType:
    """A resource type: its schema, with the common attributes, and its extensions by folded URN.

    A schema is a complex attribute that is named by its URN.
    """

    core: Attribute
    extensions: Mapping[str, Attribute]

    @classmethod
    def of_tree(cls, tree: Attribute) -> Self:
        """Take the extensions, which are named by their URNs, out of all that a resource has."""
        extensions = {key: child for key, child in tree.children.items() if key.startswith("urn:")}
        own = {key: child for key, child in tree.children.items() if key not in extensions}
        core = Attribute(name=tree.name, type="complex", children=own)
        return cls(core=core, extensions=extensions)

    def schema(self, urn: str) -> Attribute | None:
        """Return the schema of that URN, in whatever letter case it is written."""
        folded = urn.lower()
        return self.core if folded == self.core.name.lower() else self.extensions.get(folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAttributes:
    """The resource types of a directory by their names."""

    types: Mapping[str, KnownType]

    @classmethod
    def of_trees(cls, trees: Mapping[str, Attribute]) -> Self:
        """Take what each resource type, by its name, may have."""
        return cls(types={name: KnownType.of_tree(tree) for name, tree in trees.items()})

    def at_endpoint(self, path: str) -> str:
        """Return the name of the type that a path like ``/Users/7`` leads to, or nothing."""
        first = path.strip("/").partition("/")[0].lower()
        return next((name for name in self.types if f"{name}s".lower() == first), "")


def is_boolean(attribute: Attribute) -> bool:
    """Return whether the attribute is true or false."""
    return attribute.type == "boolean"


def is_read_only(attribute: Attribute) -> bool:
    """Return whether only the server writes the attribute (RFC 7643, section 7)."""
    return attribute.mutability == "readOnly"
