"""What users of a directory may do here: roles, who has them, and the accounts they sign in with."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from core.ids import PrefixedIdField
from core.models import TenantOwned
from core.querysets import TenantQuerySet
from scim.models.resource import KEY_LENGTH, Resource


class Role(TenantOwned):
    """A set of rights of one tenant: scopes of the tenant API, and the admin permissions of ``group``."""

    id = PrefixedIdField("rol", primary_key=True)
    name = models.CharField(max_length=100)
    scopes = models.JSONField(default=list, blank=True, help_text="Scopes of the tenant API.")
    # Whoever has the role is in it: this is how Django knows of permissions.
    group = models.OneToOneField(Group, models.PROTECT, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="role_name_once_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.name


class RoleGroup(TenantOwned):
    """A group whose members have a role.

    The group is named and not pointed at, so that it may come later, or go and come again.
    ``group_key`` is the displayName in the form in which names are compared.
    """

    role = models.ForeignKey(Role, models.CASCADE, related_name="groups")
    group_name = models.CharField(max_length=KEY_LENGTH)
    group_key = models.CharField(max_length=KEY_LENGTH, editable=False)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "group of a role"
        verbose_name_plural = "groups of roles"
        ordering = ["group_name"]
        constraints = [
            models.UniqueConstraint(fields=["role", "group_key"], name="group_once_in_role"),
        ]
        indexes = [
            models.Index(fields=["tenant", "group_key"], name="role_group_by_key"),
        ]

    def __str__(self) -> str:
        return self.group_name


class RoleGrant(TenantOwned):
    """That a user has a role: because of a group (``directory``), or given by hand (``staff``).

    Both may stand beside each other: what the directory takes away leaves what staff gave.
    """

    class ManagedBy(models.TextChoices):
        """Who gives it and takes it away."""

        DIRECTORY = "directory", "the directory"
        STAFF = "staff", "staff"

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    user = models.ForeignKey(Resource, models.CASCADE, related_name="grants")
    managed_by = models.CharField(max_length=10, choices=ManagedBy.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "managed_by"], name="role_granted_once_by_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} by {self.managed_by}"


class Account(TenantOwned):
    """The account with which a user of the directory signs in here.

    ``created_by_directory`` tells it from one that was there before and was only linked.
    """

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="account")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="directory_account"
    )
    created_by_directory = models.BooleanField(default=False)
    # Whom staff have switched off, the directory does not switch on again.
    closed_by_directory = models.BooleanField(default=False)
    # Whether the right to enter the admin came from a role, and goes with it.
    staff_by_role = models.BooleanField(default=False)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.user)
