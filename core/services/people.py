"""Changes to tenants and to the people who sign in."""

import secrets
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from core import audit
from core.models import Tenant, TenantLog, TenantOwned, User
from core.types import Actor

TENANT_STAFF = "Tenant staff"
PASSWORD_BYTES = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """A person and the password that was made up for them, which is known only now.

    ``password`` is empty when they brought their own.
    """

    user: User
    password: str


@transaction.atomic
def create_tenant(slug: str, *, actor: Actor, name: str = "") -> Tenant:
    """Create a tenant. Raises ValidationError for a slug that is malformed or taken."""
    tenant = Tenant(slug=slug, name=name or slug)
    tenant.full_clean()
    tenant.save()
    audit.record("tenant.created", tenant=tenant, actor=actor, target=tenant)
    return tenant


@transaction.atomic
def create_staff(
    email: str, *, actor: Actor, tenant: Tenant | None = None, password: str = ""
) -> NewStaff:
    """Create someone who can sign in: an operator, or staff of one tenant.

    An operator may do everything. A tenant's staff may do everything with that tenant's rows and
    view its logs, through the group "Tenant staff". Raises ValidationError for an address that is
    malformed or taken, and for a password that is too weak.
    """
    if User.objects.filter(username=email).exists():
        raise ValidationError(
            f"{email} has an account already. Change it in the admin, under Staff; a new password"
            f" is set by manage.py changepassword {email}."
        )
    user = User(
        username=email,
        email=email,
        tenant=tenant,
        is_staff=True,
        is_superuser=tenant is None,
    )
    made_up = "" if password else secrets.token_urlsafe(PASSWORD_BYTES)
    validate_password(password or made_up, user)
    user.set_password(password or made_up)
    user.full_clean()
    user.save()
    if tenant is not None:
        user.groups.add(tenant_staff_group())
    audit.record("staff.created", tenant=tenant, actor=actor, target=user)
    return NewStaff(user=user, password=made_up)


def tenant_staff_group() -> Group:
    """Return the group that may change what tenants own and view their logs, brought up to date."""
    group, _ = Group.objects.get_or_create(name=TENANT_STAFF)
    group.permissions.set(tenant_permissions())
    return group


def tenant_permissions() -> models.QuerySet[Permission]:
    """Return what somebody of a tenant may be allowed to do in the admin, at most."""
    owned, logs = _content_types(TenantOwned), _content_types(TenantLog)
    views = Q(content_type__in=logs, codename__startswith="view_")
    return Permission.objects.filter(Q(content_type__in=owned) | views)


def _content_types(base: type[models.Model]) -> list[ContentType]:
    """Return the content types of every model under ``base``."""
    found = [model for model in apps.get_models() if issubclass(model, base)]
    return list(ContentType.objects.get_for_models(*found).values())
