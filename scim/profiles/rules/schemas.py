"""Rules about the list of schemas, and about schemas of the past."""

from core.types import Json
from scim.profiles.known import KnownAttributes
from scim.profiles.operations import key_of
from scim.profiles.places import Place
from scim.profiles.reshaping import changed
from scim.profiles.rules.managers import ENTERPRISE
from scim.profiles.types import Apply, Change, RawRequest, Rule

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OLD_CORE = "urn:scim:schemas:core:1.0"
OLD_ENTERPRISE = "urn:scim:schemas:extension:enterprise:1.0"


def _list_of_schemas(request: RawRequest, known: KnownAttributes) -> Change:
    body, place = request.body, Place()
    key = key_of("schemas", body) if isinstance(body, dict) else None
    if key is None or not isinstance(body, dict) or not _is_message(request):
        return Change(request=request, places=())
    if body[key] is not None and not isinstance(body[key], str):
        return Change(request=request, places=())
    place.inside(key).mark()
    return changed(request, place, body={**body, key: [body[key]] if body[key] else []})


def _is_message(request: RawRequest) -> bool:
    return request.kind in ("create", "replace", "patch")


def _renamed(request: RawRequest, known: KnownAttributes) -> Change:
    body, place = request.body, Place()
    kind = known.types.get(request.resource_type)
    if kind is None or not isinstance(body, dict) or request.kind not in ("create", "replace"):
        return Change(request=request, places=())
    urns = {OLD_CORE: kind.core.name}
    if kind.schema(ENTERPRISE):
        urns[OLD_ENTERPRISE] = ENTERPRISE
    return changed(request, place, body=_with_urns(body, urns, place))


def _with_urns(body: dict[str, Json], urns: dict[str, str], place: Place) -> dict[str, Json]:
    listed = key_of("schemas", body)
    new: dict[str, Json] = {}
    for key, value in body.items():
        if key == listed and isinstance(value, list):
            new[key] = _listed(value, urns, place.inside(key))
        elif key.lower() == OLD_ENTERPRISE and OLD_ENTERPRISE in urns and ENTERPRISE not in body:
            place.inside(key).mark()
            new[ENTERPRISE] = value
        else:
            new[key] = value
    return new


def _listed(values: list[Json], urns: dict[str, str], place: Place) -> list[Json]:
    present = {value for value in values if isinstance(value, str)}
    new: list[Json] = []
    for position, value in enumerate(values):
        urn = urns.get(value.lower()) if isinstance(value, str) else None
        if urn is None:
            new.append(value)
            continue
        place.inside(position).mark()
        if urn not in present:
            present.add(urn)
            new.append(urn)
    return new


def _only_known(request: RawRequest, known: KnownAttributes) -> Change:
    body, place = request.body, Place()
    kind = known.types.get(request.resource_type)
    key = key_of("schemas", body) if isinstance(body, dict) else None
    values = body[key] if key and isinstance(body, dict) else None
    if not kind or not key or not isinstance(body, dict) or not isinstance(values, list):
        return Change(request=request, places=())
    allowed = {PATCH.lower()}
    if request.kind in ("create", "replace"):
        allowed = {kind.core.name.lower(), *kind.extensions}
    elif request.kind != "patch":
        return Change(request=request, places=())
    kept = []
    for position, value in enumerate(values):
        if isinstance(value, str) and value.lower() not in allowed:
            place.inside(key).inside(position).mark()
        else:
            kept.append(value)
    return changed(request, place, body={**body, key: kept})


def _rule(name: str, sentence: str, source: str, apply: Apply) -> Rule:
    return Rule(name=name, sentence=sentence, source=source, apply=apply)


SCHEMAS_LIST = _rule(
    "schemas-list",
    "Reads schemas that is null as empty, and a single URI as a list of one; the core fills in an"
    " empty list, for Rippling, SailPoint and WSO2.",
    "Threads about clients with empty schemas; RFC 7643, section 3 demands a list",
    _list_of_schemas,
)

OLD_SCHEMAS = _rule(
    "old-schemas",
    "Reads the URIs of SCIM 1.1 as those of SCIM 2.0, for the Core Attribute connector of OneLogin,"
    " whose template lists urn:scim:schemas:core:1.0.",
    "OneLogin, SCIM Provisioner with SAML (Core Attribute), SCIM JSON Template",
    _renamed,
)

UNKNOWN_SCHEMAS = _rule(
    "unknown-schemas",
    "Leaves out URIs in schemas that no schema here has, for Microsoft Entra ID, which lists"
    " http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group for groups.",
    "Microsoft entra-docs, creation of groups",
    _only_known,
)
