"""People who sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from core.ids import PrefixedIdField
from core.models.tenant import Tenant

# Django's own, so that nobody is signed out who has never been.
SESSION_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"


class User(AbstractUser):
    """A person: an operator of the installation, or someone of one tenant.

    Without a tenant a member of staff sees every tenant; with one, only that tenant's rows.
    """

    id = PrefixedIdField("usr", primary_key=True)
    tenant = models.ForeignKey(
        Tenant,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="users",
        help_text="Leave empty for an operator, who sees every tenant.",
    )
    api_scopes = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="The scopes that roles grant; empty for all that the person's client may have.",
    )
    # Part of what a session is checked against, so that a higher number ends every session.
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tenant=None) | models.Q(is_superuser=False),
                name="user_of_a_tenant_is_no_superuser",
            ),
        ]

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Return what a session must know: the password, and how often all were ended."""
        known = (
            f"{self.password}:{self.session_generation}"
            if self.session_generation
            else self.password
        )
        return salted_hmac(SESSION_SALT, known, secret=secret, algorithm="sha256").hexdigest()
