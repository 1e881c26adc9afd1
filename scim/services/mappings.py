"""The versions of a tenant's attribute mapping."""

from django.db import transaction
from django.db.models import Max

from core import audit, strict_json
from core.models import Tenant
from core.types import Actor, Json
from scim.errors import UnknownVersionError
from scim.mappings.built_in import FIELDS
from scim.mappings.checking import normalized
from scim.models import Directory, Mapping
from scim.schemas.attributes import Attribute
from scim.schemas.service import USER, service

BUILT_IN = 0
NOTE_CHARACTERS = 200


@transaction.atomic
def save_mapping(tenant: Tenant, fields: Json, *, actor: Actor, note: str = "") -> Mapping:
    """Put a new version of the mapping into force.

    What was published stays as it was: the new version is for what happens from now on. Raises
    InvalidMappingError.
    """
    kept = normalized(fields, user_attributes(tenant))
    # Of two people who save at once, one waits and gets the next number.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    versions = Mapping.objects.for_tenant(tenant)
    highest: int | None = versions.aggregate(highest=Max("version"))["highest"]
    saved: Mapping = Mapping.objects.create(
        tenant=tenant,
        version=(highest or BUILT_IN) + 1,
        fields=kept,
        note=note[:NOTE_CHARACTERS],
        author=actor.label[:200],
    )
    audit.record(
        "mapping.created",
        tenant=tenant,
        actor=actor,
        target=saved,
        details={"version": saved.version, "fields": [each["field"] for each in kept]},
    )
    return saved


def restore_mapping(tenant: Tenant, version: int, *, actor: Actor) -> Mapping:
    """Put the rules of an earlier version into force again, as a new version.

    ``BUILT_IN`` stands for the mapping of tenants without one. Raises UnknownVersionError, and
    InvalidMappingError where the directory has lost an attribute since.
    """
    if version == BUILT_IN:
        return save_mapping(tenant, list(FIELDS), actor=actor, note="the built-in mapping again")
    earlier = Mapping.objects.for_tenant(tenant).filter(version=version).first()
    if earlier is None:
        raise UnknownVersionError(version)
    note = f"version {version} again"
    return save_mapping(tenant, earlier.fields, actor=actor, note=note)


def user_attributes(tenant: Tenant | None) -> Attribute:
    """Return the attributes that users may have: of a tenant's directory, or of any."""
    directory = Directory.objects.for_tenant(tenant).first() if tenant is not None else None
    extension = directory.extension if directory is not None else {}
    written = strict_json.dumps(extension).decode() if extension else ""
    return service(written, creates_entries=False).trees[USER]
