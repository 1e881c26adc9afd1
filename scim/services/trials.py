"""Trying a draft of a mapping on what is stored, and on what was logged. Nothing is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from scim2_models import SCIMException
from scim2_server.conditions import Conditions
from scim2_server.requests import ScimRequest

from core import strict_json
from core.ids import decode, encode
from core.models import Tenant
from core.types import Actor, ActorKind, Json
from records.mapping import CompiledMapping
from scim import describing, mappings, tolerating
from scim.errors import NothingToTryError
from scim.filters.columns import ID_PREFIX
from scim.mappings.checking import drafted
from scim.mappings.types import Source, Trial
from scim.models import Directory, ProvisioningEntry, Resource
from scim.profiles import PROFILES
from scim.protocol import DirectoryService
from scim.schemas.service import USER, service
from scim.services.mappings import user_attributes
from scim.storage import rows
from scim.storage.storage import DirectoryStorage
from scim.storage.writing import written

CONTENT_TYPE = "application/scim+json"
_NOBODY = Actor(kind=ActorKind.SYSTEM, id="", label="", correlation_id="")

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The mapping in force, and a draft of the next one."""

    before: CompiledMapping
    after: CompiledMapping
    now: datetime

    def tried(self, identity: str, data: Data, source: Source = "stored", note: str = "") -> Trial:
        return Trial(
            identity=identity,
            label=str(data.get("userName") or identity),
            before=describing.user(identity, data, self.before, self.now),
            after=describing.user(identity, data, self.after, self.now),
            source=source,
            note=note,
        )


def preview(tenant: Tenant, fields: Json, resources: Iterable[Resource]) -> list[Trial]:
    """Return what stored users give under the mapping in force and under a draft.

    Raises InvalidMappingError.
    """
    pair = _pair(tenant, fields)
    users = [each for each in resources if each.tenant_id == tenant.pk and each.kind == USER]
    return [pair.tried(str(each.pk), each.data) for each in users]


def dry_run(entry: ProvisioningEntry, fields: Json) -> Trial:
    """Return what a logged request gives under the mapping in force and under a draft.

    With a kept payload that is the user as the request makes it of the stored one; without, and
    where the request is refused now, it is the user as stored. Raises InvalidMappingError, and
    NothingToTryError where no user is left.
    """
    pair = _pair(entry.tenant, fields)
    target = _stored(entry)
    note = "The directory does not keep the bodies of requests; this is the user as stored."
    body = _kept_body(entry)
    if body is not None:
        try:
            made = _made(entry, body)
        except SCIMException as error:
            note = f"The request would be refused now: {error.to_error().detail}"
        else:
            if made is not None:
                return pair.tried(_identity(entry), made, "request")
            note = "The request gives no single user; this is the user as stored."
    if target is None:
        raise NothingToTryError("The request is about no user that is still stored.")
    return pair.tried(str(target.pk), target.data, "stored", note)


def _pair(tenant: Tenant, fields: Json) -> _Pair:
    return _Pair(
        before=mappings.in_force(decode("ten", tenant.id)),
        after=drafted(fields, user_attributes(tenant)),
        now=timezone.now(),
    )


def _made(entry: ProvisioningEntry, body: bytes) -> Data | None:
    """Return the user that a logged request makes, None where it is about none, or about many.

    Raises SCIMException where it is refused.
    """
    directory = Directory.objects.for_tenant(entry.tenant).first()
    if directory is None or not entry.path.lower().startswith("/users"):
        return None
    profile = PROFILES[directory.profile]
    extension = strict_json.dumps(directory.extension).decode() if directory.extension else ""
    offered = service(extension, creates_entries=profile.creates_missing_entries)
    asked = tolerating.read(_request(entry, body), profile, offered).request
    protocol = DirectoryService(offered.provider, secret=settings.SECRET_KEY)
    kind = protocol.get_resource_type(USER)
    with offered.provider:
        if entry.method == "POST":
            made = protocol.read_creation(kind, asked.body, CONTENT_TYPE)
        elif entry.method == "PUT":
            made = protocol.read_replacement(kind, asked.body, CONTENT_TYPE)
        elif entry.method == "PATCH":
            row = rows.find(entry.tenant, USER, _identity(entry))
            if row is None:
                return None
            patch = protocol.read_patch(kind, asked.body, CONTENT_TYPE)
            made = DirectoryStorage(entry.tenant, offered, _NOBODY).model(row)
            protocol.apply_patch(made, patch, Conditions())
        else:
            return None
    tree = offered.trees[USER]
    return written(USER, _identity(entry), made.model_dump(), tree, unique=False).data


def _request(entry: ProvisioningEntry, body: bytes) -> ScimRequest:
    return ScimRequest(
        method=entry.method,
        base_url=settings.PUBLIC_URL,
        path=entry.path,
        query={},
        headers={"Content-Type": CONTENT_TYPE},
        body=body,
        subject=None,
    )


def _kept_body(entry: ProvisioningEntry) -> bytes | None:
    """Return the body that the log has kept of a request, None where it has none."""
    if not entry.payload:
        return None
    try:
        payload = strict_json.loads(entry.payload.encode())
    except strict_json.StrictJsonError:
        return None
    body = payload.get("body") if isinstance(payload, Mapping) else None
    if isinstance(body, str):
        return body.encode()
    return None if body is None else strict_json.dumps(body)


def _stored(entry: ProvisioningEntry) -> Resource | None:
    """Return the user that a request is about as it is stored, the deleted too."""
    try:
        key = decode(ID_PREFIX, _identity(entry))
    except ValueError:
        return None
    users = Resource.objects.for_tenant(entry.tenant).filter(kind=USER)
    found: Resource | None = users.filter(pk=encode(ID_PREFIX, key)).first()
    return found


def _identity(entry: ProvisioningEntry) -> str:
    return entry.target_id or entry.path.rstrip("/").rpartition("/")[2]
