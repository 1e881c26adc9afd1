"""What the directory of a tenant offers: its schemas, resource types and limits.

Discovery (RFC 7644, section 4) tells of exactly what is built here, and what is built here is what
is enforced.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union, cast

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    BulkRequest,
    BulkResponse,
    ChangePassword,
    ETag,
    Filter,
    Mutability,
    Pagination,
    Patch,
    PatchOp,
    Path,
    ResourceType,
    ResponseParameters,
    Returned,
    Schema,
    SchemaExtension,
    ScimFilter,
    ScimPolicy,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    Sort,
)
from scim2_server.utils import load_default_resource_types, load_default_schemas

from scim.profiles.known import KnownAttributes
from scim.schemas.attributes import Attribute, of_resource, of_schema

USER, GROUP = "User", "Group"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
MAX_RESULTS = 500
DEFAULT_PAGE_SIZE = 100
MAX_BULK_OPERATIONS = 1000
MAX_BULK_BYTES = 1024 * 1024
CURSOR_SECONDS = 3600
REMEMBERED = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a directory offers. ``trees`` are the attributes of each resource type, by its name."""

    provider: ScimProvider
    trees: Mapping[str, Attribute]
    known: KnownAttributes
    hiding: frozenset[str]
    """The types of which something is kept that is not shown unless it is asked for."""
    kept: tuple[Any, ...] = ()
    """Classes that are made for these schemas; pydantic would forget them, and make them anew."""


@lru_cache(maxsize=REMEMBERED)
def service(extension: str, *, creates_entries: bool) -> Service:
    """Return what a directory offers whose own attributes are ``extension``, JSON or nothing.

    ``creates_entries``: a value for an entry that a PATCH selects and that is not there
    (``emails[type eq "work"].value``) makes that entry.
    """
    schemas = load_default_schemas()
    _show_names_of_members(schemas[GROUP_SCHEMA])
    types = load_default_resource_types()
    if extension:
        own = Schema.model_validate(json.loads(extension))
        schemas[str(own.id)] = own
        types[USER].schema_extensions = [
            *(types[USER].schema_extensions or []),
            SchemaExtension.model_validate({"schema": own.id, "required": False}),
        ]
    unmatched = ScimPolicy.UnmatchedPathFilter
    policy = ScimPolicy(
        unmatched_path_filter=unmatched.create if creates_entries else unmatched.forbid
    )
    provider = ScimProvider.from_discovery(
        schemas.values(), types.values(), config=_configuration(), policy=policy
    )
    definitions = {urn: schema.model_dump() for urn, schema in schemas.items()}
    trees = {str(each.name): _tree(each, definitions) for each in types.values()}
    return Service(
        provider=provider,
        trees=trees,
        known=KnownAttributes.of_trees(trees),
        hiding=frozenset(kind for kind, tree in trees.items() if _hides(tree)),
        kept=_classes(provider),
    )


def _show_names_of_members(group: Schema) -> None:
    """Say that how a member is called is read from the member, and told to who asks for it."""
    for members in group.attributes or []:
        for attribute in members.sub_attributes or []:
            if attribute.name == "display":
                attribute.mutability = Mutability.read_only
                attribute.returned = Returned.request


def _hides(tree: Attribute) -> bool:
    """Say whether a stored attribute is not for every answer; passwords and names of members are not stored."""
    return any(
        child.name not in ("password", "members")
        and (child.returned in ("never", "request") or _hides(child))
        for child in tree.children.values()
    )


def _classes(provider: ScimProvider) -> tuple[Any, ...]:
    """Return the classes by which requests are read."""
    models: list[Any] = [provider.model_for(each) for each in provider.resource_types]
    everything: Any = Union[tuple(models)]  # noqa: UP007  # of models that are known only now
    generics: tuple[Any, ...] = (SearchRequest, ResponseParameters, PatchOp)
    single = [generic[model] for generic in generics for model in models]
    joined = [generic[everything] for generic in (SearchRequest, BulkRequest, BulkResponse)]
    bound: list[Any] = [cast("Any", kind)[each] for kind in (Path, ScimFilter) for each in models]
    return (*single, *joined, *bound, *(cast("Any", k)[everything] for k in (Path, ScimFilter)))


def _tree(resource_type: ResourceType, definitions: Mapping[str, Any]) -> Attribute:
    extensions = tuple(
        of_schema(definitions[str(each.schema_)]) for each in resource_type.schema_extensions or []
    )
    return of_resource(of_schema(definitions[str(resource_type.schema_)]), extensions)


def _configuration() -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(
            supported=True,
            max_operations=MAX_BULK_OPERATIONS,
            max_payload_size=MAX_BULK_BYTES,
        ),
        filter=Filter(supported=True, max_results=MAX_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        pagination=Pagination(
            cursor=True,
            index=True,
            default_pagination_method=Pagination.DefaultPaginationMethod.index,
            default_page_size=DEFAULT_PAGE_SIZE,
            max_page_size=MAX_RESULTS,
            cursor_timeout=CURSOR_SECONDS,
        ),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="Authorization: Bearer, with an API key or an OAuth 2.0 access token",
                primary=True,
            )
        ],
    )
