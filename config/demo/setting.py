"""What must stand before the demonstration begins: a tenant, people, a type, a webhook."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from core import services as core_services
from core.models import ApiClient, ApiKey, Tenant, User
from core.types import Actor, ActorKind, Json
from records import services as record_services
from records.models import RecordType
from webhooks import services as webhook_services
from webhooks import signing
from webhooks.models import Subscription
from webhooks.types import HeaderField, SubscriptionFields

ACTOR = Actor(kind=ActorKind.SYSTEM, id="demo", label="the demonstration", correlation_id="demo")
STAFF_EMAIL = "staff@acme.example"
PASSWORD_BYTES = 12
FULFILLMENT_KEY = "fulfillment-key-1"
SCOPES = ("records:read", "records:write", "events:read", "webhooks:read")
ORDER_SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "customer_name": {"type": "string", "examples": ["Ada Lovelace"]},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string", "examples": ["TEA-1"]},
                    "quantity": {"type": "integer", "minimum": 1},
                },
            },
        },
        "total": {"type": "number", "minimum": 0, "examples": [41.5]},
        "status": {"type": "string", "enum": ["New", "Paid", "Shipped"]},
    },
    "required": ["customer_name", "items", "total"],
}
ORDER: dict[str, Json] = {
    "customer_name": "Ada Lovelace",
    "items": [{"sku": "TEA-1", "quantity": 2}, {"sku": "CUP-7", "quantity": 1}],
    "total": 41.5,
    "status": "New",
}
CLIENT_NAME = "Demonstration"
SUBSCRIPTION_NAME = "Notify Fulfillment"
PAYLOAD = """{
  "order_id": "{{order.id}}",
  "customer": "{{order.customer_name}}",
  "items": {{order.items}},
  "total": {{order.total}}
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who and what takes part. The secrets are made up anew every time."""

    tenant: Tenant
    staff_name: str
    staff_password: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    signing_secret: str = field(repr=False)
    subscription_url: str


def prepare(receiver_url: str) -> Scene:
    """Create whatever is missing, and point the webhook at the receiver of this run."""
    tenant = Tenant.objects.filter(slug="acme").first()
    if tenant is None:
        tenant = core_services.create_tenant("acme", name="Acme Trading", actor=ACTOR)
    if not RecordType.objects.for_tenant(tenant).filter(slug="order").exists():
        record_services.create_record_type(
            tenant, "order", name="Order", schema=ORDER_SCHEMA, actor=ACTOR
        )
    core_services.set_config_value(tenant, "api_key", FULFILLMENT_KEY, actor=ACTOR)
    client_id, client_secret = _client(tenant)
    url = f"{receiver_url}/orders"
    return Scene(
        tenant=tenant,
        staff_name=STAFF_EMAIL,
        staff_password=_staff_password(tenant),
        client_id=client_id,
        client_secret=client_secret,
        api_key=_api_key(tenant),
        signing_secret=_subscribe(tenant, url),
        subscription_url=url,
    )


def _client(tenant: Tenant) -> tuple[str, str]:
    """Return the id and a new secret of the demonstration's OAuth client."""
    old = ApiClient.objects.for_tenant(tenant).filter(name=CLIENT_NAME).first()
    if old is not None:
        return str(old.client_id), core_services.renew_client_secret(old, actor=ACTOR)
    new = core_services.create_api_client(tenant, name=CLIENT_NAME, scopes=SCOPES, actor=ACTOR)
    return str(new.client.client_id), new.secret


def _api_key(tenant: Tenant) -> str:
    """Return a new API key that may do everything; that of an earlier run is revoked."""
    for old in ApiKey.objects.for_tenant(tenant).filter(name=CLIENT_NAME, revoked_at=None):
        core_services.revoke_api_key(old, actor=ACTOR)
    new = core_services.create_api_key(
        tenant, name=CLIENT_NAME, scopes=settings.API_SCOPES, actor=ACTOR
    )
    return new.secret


def _staff_password(tenant: Tenant) -> str:
    """Return a new password of acme's member of staff, who is created the first time."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = User.objects.filter(username=STAFF_EMAIL).first()
    if user is None:
        core_services.create_staff(STAFF_EMAIL, tenant=tenant, password=password, actor=ACTOR)
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
    return password


def _subscribe(tenant: Tenant, url: str) -> str:
    """Point the webhook at the receiver of this run, with a new secret; return that."""
    fields = SubscriptionFields(
        name=SUBSCRIPTION_NAME,
        event_types=["order.created"],
        filter="",
        url=url,
        method="POST",
        headers=[
            HeaderField(name="Authorization", value="Bearer {{config.api_key}}"),
            HeaderField(name="Content-Type", value="application/json"),
        ],
        payload=PAYLOAD,
    )
    secret = signing.new_secret()
    old = Subscription.objects.for_tenant(tenant).filter(name=SUBSCRIPTION_NAME).first()
    if old is None:
        webhook_services.create_subscription(tenant, fields, actor=ACTOR, secret=secret)
        return secret
    # The log of its deliveries stays. Switching it on forgets that its last receiver went away.
    webhook_services.disable(old, actor=ACTOR)
    webhook_services.update_subscription(old, fields, actor=ACTOR)
    webhook_services.rotate_secret(old, actor=ACTOR, overlap=timedelta(0), secret=secret)
    webhook_services.enable(old, actor=ACTOR)
    return secret
