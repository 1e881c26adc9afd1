"""What a directory is made of."""

from scim.models.access import Account, Role, RoleGrant, RoleGroup
from scim.models.directory import Directory
from scim.models.log import ProvisioningEntry
from scim.models.mapping import Mapping
from scim.models.membership import Membership
from scim.models.resource import Resource
from scim.models.unique_value import UniqueValue

__all__ = [
    "Account",
    "Directory",
    "Mapping",
    "Membership",
    "ProvisioningEntry",
    "Resource",
    "Role",
    "RoleGrant",
    "RoleGroup",
    "UniqueValue",
]
