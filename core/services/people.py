"""Changes to tenants and to the people who sign in."""

import secrets
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from core import audit
from core.models import Tenant, TenantOwned, User
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

    An operator may do everything. A tenant's staff may do everything with that tenant's rows,
    through the group "Tenant staff". Raises ValidationError for an address that is malformed or
    taken, and for a password that is too weak.
    """
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
    """Return the group with every permission on what tenants own, brought up to date."""
    group, _ = Group.objects.get_or_create(name=TENANT_STAFF)
    owned = [model for model in apps.get_models() if issubclass(model, TenantOwned)]
    types = ContentType.objects.get_for_models(*owned).values()
    group.permissions.set(Permission.objects.filter(content_type__in=types))
    return group
