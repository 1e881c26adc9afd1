"""What a directory is made of."""

from scim.models.directory import Directory
from scim.models.log import ProvisioningEntry
from scim.models.membership import Membership
from scim.models.resource import Resource

__all__ = ["Directory", "Membership", "ProvisioningEntry", "Resource"]
