"""No credential of one tenant can read, change or learn anything of another.

The walk covers every route of the API and every table. A new one fails here until a line says how
to make one of its rows, or why it needs none.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from core.api.views import TenantView
from core.models import Tenant, TenantLog, TenantOwned
from tests.inbound import make_own_endpoint, make_own_message, make_refusal
from tests.makers import make_config_value, make_event, make_event_type, make_key, make_key_row
from tests.once import ON_ONE_DATABASE
from tests.orders import make_order
from tests.subscriptions import NOWHERE, make_owed, make_replay, make_subscription

Maker = Callable[[Tenant], dict[str, str]]

# Routes that anyone may call: they hold nothing of any tenant.
PUBLIC = {"schema", "docs"}

# Routes that need a credential but no scope.
ANY_SCOPE = {"me"}

# For each route with something in its path: how to make such a thing, and what then stands in the
# path. One line for each route, by its name.
MAKERS: dict[str, Maker] = {
    "event-detail": lambda tenant: {"pk": make_event(tenant).id},
    "event-type-detail": lambda tenant: {"name": make_event_type(tenant).name},
    "api-key-detail": lambda tenant: {"pk": make_key_row(tenant).id},
    "api-key-rotate": lambda tenant: {"pk": make_key_row(tenant).id},
    "config-value-detail": lambda tenant: {"name": make_config_value(tenant).name},
    "subscription-detail": lambda tenant: {"pk": make_subscription(tenant, NOWHERE).id},
    "subscription-enable": lambda tenant: {"pk": make_subscription(tenant, NOWHERE).id},
    "subscription-disable": lambda tenant: {"pk": make_subscription(tenant, NOWHERE).id},
    "subscription-rotate-secret": lambda tenant: {"pk": make_subscription(tenant, NOWHERE).id},
    "subscription-recover": lambda tenant: {"pk": make_subscription(tenant, NOWHERE).id},
    "subscription-test": lambda tenant: {"pk": make_subscription(tenant, NOWHERE).id},
    "delivery-detail": lambda tenant: {"pk": make_owed(tenant).id},
    "delivery-replay": lambda tenant: {"pk": make_owed(tenant).id},
    "delivery-retry": lambda tenant: {"pk": make_owed(tenant).id},
    "delivery-attempts": lambda tenant: {"delivery_id": make_owed(tenant).id},
    "replay-detail": lambda tenant: {"pk": make_replay(tenant).id},
    "replay-cancel": lambda tenant: {"pk": make_replay(tenant).id},
    "endpoint-detail": lambda tenant: {"pk": make_own_endpoint(tenant).id},
    "endpoint-enable": lambda tenant: {"pk": make_own_endpoint(tenant).id},
    "endpoint-disable": lambda tenant: {"pk": make_own_endpoint(tenant).id},
    "endpoint-rotate-secret": lambda tenant: {"pk": make_own_endpoint(tenant).id},
    "message-detail": lambda tenant: {"pk": make_own_message(tenant).id},
    "message-replay": lambda tenant: {"pk": make_own_message(tenant).id},
    "refusal-detail": lambda tenant: {"pk": make_refusal(tenant).id},
    "record-type-detail": lambda tenant: {"slug": make_order(tenant).type.slug},
    "record-list": lambda tenant: {"type": make_order(tenant).type.slug},
    "record-bulk": lambda tenant: {"type": make_order(tenant).type.slug},
    "record-detail": lambda tenant: {"type": "order", "id": make_order(tenant).id},
}

# Calls that a stranger may make with another tenant's name, because they make a row of their own.
OF_THEIR_OWN = {("config-value-detail", "put"): {"value": "theirs"}}

# Tables that are not of one tenant alone, and why.
NOT_OWNED = {
    "core.Tenant": "is the tenant",
    "core.User": "an operator belongs to no tenant",
    "core.EventLog": "one row for each tenant, reached only by the dispatcher",
    "core.RateBucket": "a number that belongs to a credential's id",
    "core.Wakeup": "one row for each task of the installation",
}
PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")
OUR_APPS = ("core", "records", "webhooks", "monitoring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One URL of the API, with the class that serves it and the methods it serves."""

    name: str
    path: str
    view: type[Any]
    methods: tuple[str, ...]

    def __str__(self) -> str:
        return self.name or self.path

    @property
    def has_parameters(self) -> bool:
        return "<" in self.path


def api_routes() -> list[Route]:
    root: URLResolver = next(
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and str(entry.pattern) == "api/v1/"
    )
    return [_route(path, pattern) for path, pattern in _walk(root)]


def _walk(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        found += _walk(entry, path) if isinstance(entry, URLResolver) else [(path, entry)]
    return found


def _route(path: str, pattern: URLPattern) -> Route:
    callback: Any = pattern.callback
    view = getattr(callback, "cls", None) or callback.view_class
    actions = getattr(callback, "actions", None)
    served = actions or [name for name in view.http_method_names if hasattr(view, name)]
    methods = tuple(name for name in served if name not in {"head", "options"})
    return Route(name=pattern.name or "", path=path, view=view, methods=methods)


ROUTES = [route for route in api_routes() if route.path not in PUBLIC]
CALLS = [(route, method) for route in ROUTES for method in route.methods]


def each(calls: list[tuple[Route, str]]) -> pytest.MarkDecorator:
    """Run a test for every one of ``calls``."""
    names = [f"{method} {route}" for route, method in calls]
    return pytest.mark.parametrize(("route", "method"), calls, ids=names)


def url_of(route: Route, parts: dict[str, str]) -> str:
    """Return the route's URL; regular expressions and converters alike give way to ``parts``."""
    return "/api/v1/" + PARAMETER.sub(lambda match: parts[match[1] or match[2]], route.path)


def url_with_row(route: Route, tenant: Tenant) -> str:
    if not route.has_parameters:
        return url_of(route, {})
    assert route.name in MAKERS, (
        f"The route {route.path} is new. Add a line to MAKERS in tests/test_tenancy.py:\n"
        f'    "{route.name}": lambda tenant: {{"<parameter>": make_…(tenant).id}},'
    )
    return url_of(route, MAKERS[route.name](tenant))


def owned_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def everything_of(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Return every row that a tenant owns."""
    return {
        model._meta.label: list(model._base_manager.filter(tenant=tenant).order_by("pk").values())
        for model in owned_models()
    }


def client_with(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_route_is_served_by_a_view_of_one_tenant(route: Route) -> None:
    assert issubclass(route.view, TenantView), (
        f"{route.path} is served by {route.view.__name__}, which knows no tenant. Derive it from"
        " TenantView or TenantViewSet, or add it to PUBLIC in tests/test_tenancy.py."
    )


@each([call for call in CALLS if call[0].has_parameters])
def test_stranger_cannot_reach_the_row(
    route: Route, method: str, tenant: Tenant, stranger_api: APIClient
) -> None:
    url = url_with_row(route, tenant)
    before = everything_of(tenant)
    body = OF_THEIR_OWN.get((route.name, method))

    response = stranger_api.generic(
        method.upper(), url, "{}" if body is None else _json(body), "application/json"
    )

    assert response.status_code in ({403, 404} if body is None else {200, 201})
    assert everything_of(tenant) == before


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if "get" in r.methods and not r.has_parameters], ids=str
)
def test_stranger_sees_no_row_in_a_list(
    route: Route, tenant: Tenant, stranger_api: APIClient
) -> None:
    for maker in MAKERS.values():
        maker(tenant)
    rows = [row for rows in everything_of(tenant).values() for row in rows]
    # A row without an id of its own goes by the id of another.
    keys = {str(row["id"]) for row in rows if "id" in row}

    response = stranger_api.get(url_of(route, {}))

    assert response.status_code == 200
    text = response.content.decode()
    assert [key for key in keys if key in text] == []
    assert tenant.id not in text


@ON_ONE_DATABASE
@each(CALLS)
def test_nobody_gets_in_without_a_credential(route: Route, method: str, tenant: Tenant) -> None:
    url = url_with_row(route, tenant)
    before = everything_of(tenant)

    response = APIClient().generic(method.upper(), url, "{}", "application/json")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["error"] == "UNAUTHENTICATED"
    assert everything_of(tenant) == before


@ON_ONE_DATABASE
@each(CALLS)
def test_nobody_gets_in_with_a_made_up_credential(
    route: Route, method: str, tenant: Tenant
) -> None:
    url = url_with_row(route, tenant)
    before = everything_of(tenant)

    response = client_with("made-up").generic(method.upper(), url, "{}", "application/json")

    assert response.status_code == 401
    assert response.json()["error"] == "INVALID_CREDENTIALS"
    assert everything_of(tenant) == before


@ON_ONE_DATABASE
@each([call for call in CALLS if call[0].name not in ANY_SCOPE])
def test_a_key_without_the_scope_is_refused(route: Route, method: str, tenant: Tenant) -> None:
    url = url_with_row(route, tenant)
    key = make_key_row(tenant)
    secret = make_key(tenant)
    type(key).objects.for_tenant(tenant).update(scopes=[])
    before = everything_of(tenant)

    response = client_with(secret).generic(method.upper(), url, "{}", "application/json")

    assert response.status_code == 403
    assert response.json()["error"] == "INSUFFICIENT_SCOPE"
    assert _without_last_use(everything_of(tenant)) == _without_last_use(before)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_no_line_is_left_over(name: str) -> None:
    assert name in {route.name for route in ROUTES}, f"{name} is no route any more: remove its line"


@pytest.mark.parametrize(
    "model",
    [model for app in OUR_APPS for model in apps.get_app_config(app).get_models()],
    ids=lambda model: model._meta.label,
)
def test_table_belongs_to_a_tenant_or_says_why_not(model: type[models.Model]) -> None:
    label = model._meta.label
    assert issubclass(model, TenantOwned | TenantLog) != (label in NOT_OWNED), (
        f"{label} must derive from TenantOwned or TenantLog, or say in NOT_OWNED why it does not"
    )


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body)


def _without_last_use(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return rows | {"core.ApiKey": [row | {"last_used_at": None} for row in rows["core.ApiKey"]]}
