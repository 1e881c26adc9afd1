"""The directory of a tenant, which its identity provider keeps in step."""

from typing import Any, ClassVar

from django.db import models

from core.fields import JsonTextField
from core.ids import PrefixedIdField
from core.models import Tenant, TenantOwned
from core.querysets import TenantQuerySet

DEFAULT_SILENT_AFTER_HOURS = 72


class Directory(TenantOwned):
    """Whether and how an identity provider may write a tenant's users and groups.

    ``extension`` is the definition of the tenant's own attributes of users, a schema as RFC 7643,
    section 7 writes it, or nothing.
    """

    class Profile(models.TextChoices):
        """Identity providers, each with the deviations from the standard that it needs."""

        OKTA = "okta", "Okta"
        ENTRA = "entra", "Microsoft Entra ID"
        ONELOGIN = "onelogin", "OneLogin"
        JUMPCLOUD = "jumpcloud", "JumpCloud"
        GOOGLE = "google", "Google Workspace"
        PING = "ping", "PingFederate or PingOne"
        GENERIC = "generic", "Any other, strictly by the standard"

    id = PrefixedIdField("dir", primary_key=True)
    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="directory")
    active = models.BooleanField(
        default=True, help_text="Switch off to refuse every request of the identity provider."
    )
    profile = models.CharField(
        max_length=20,
        choices=Profile.choices,
        help_text="Which identity provider writes here; decides which of its habits are put right.",
    )
    unique_group_names = models.BooleanField(
        default=False, help_text="Refuse a second group of the same name, as Entra ID wants it."
    )
    extension = JsonTextField(
        default=dict,
        blank=True,
        help_text="Attributes of your own for users: a schema as RFC 7643, section 7 describes it.",
    )
    manages_accounts = models.BooleanField(
        default=False,
        help_text="Give its users accounts of this installation, with the access that their roles"
        " grant; whoever is deactivated loses it at once.",
    )
    # Roles have changed, and everybody's access is settled anew, in the order of the ids.
    settled_up_to = models.UUIDField(null=True, editable=False)
    settling = models.BooleanField(default=False, editable=False)
    keeps_payloads = models.BooleanField(
        default=False,
        help_text="Keep the bodies of requests in the log, encrypted and without passwords, so"
        " that they can be tried again.",
    )
    silent_after_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=DEFAULT_SILENT_AFTER_HOURS,
        help_text="After how many hours without a request an event tells of it; empty for never.",
    )
    last_request_at = models.DateTimeField(null=True, blank=True, editable=False)
    silence_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "directories"

    def __str__(self) -> str:
        return f"directory of {self.tenant}"
