"""How the attributes of users become the fields that events tell of."""

from scim.mappings.kept import RESERVED, built_in, compiled, in_force, of_version

__all__ = ["RESERVED", "built_in", "compiled", "in_force", "of_version"]
