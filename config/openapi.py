"""What the API's description says of the API as a whole."""

from pathlib import Path
from typing import Any

INTRODUCTION = Path(__file__).with_name("openapi.md")

TAGS = {
    "Records": "Things of your own types, with versions.",
    "Record types": "What the data of records must look like.",
    "Changes": "Every change of every record, in order: for copies that miss nothing.",
    "Events": "What happened, what can happen, and what you publish yourself.",
    "Webhooks": "Who wants which events, how they are sent, and what became of each.",
    "Configuration": "Values that templates read as `{{config.name}}`; never shown again.",
    "Access": "Who may call: API keys, and the credential of the request itself.",
}
# Names for closed sets of values, instead of made-up ones.
ENUM_NAMES: dict[str, Any] = {
    "BulkItemStatus": ["created", "failed"],
    "CallerKind": ["api_key", "api_client"],
    "ChangeOperation": ["created", "updated", "deleted"],
    "DeliveryState": "webhooks.models.Delivery.State",
    "EventTypeSource": ["custom", "record type", "system"],
    "EndpointScheme": "webhooks.api.serializers.endpoints.SCHEME_NAMES",
    "MessageState": "webhooks.models.Message.State",
    "Method": "webhooks.models.Subscription.Method",
    "PayloadFormat": "webhooks.models.Subscription.PayloadFormat",
    "SignatureScheme": "webhooks.models.Subscription.SignatureScheme",
}


def spectacular_settings(public_url: str, scopes: dict[str, str]) -> dict[str, Any]:
    """Return the settings of drf-spectacular."""
    return {
        "TITLE": "Patchbay API",
        "VERSION": "1",
        "DESCRIPTION": INTRODUCTION.read_text(encoding="utf-8"),
        "OAS_VERSION": "3.1.1",
        "SERVERS": [
            {"url": public_url, "description": "This installation"},
            {"url": "/", "description": "Where this document was read from"},
        ],
        "TAGS": [{"name": name, "description": text} for name, text in TAGS.items()],
        "WEBHOOKS": ["webhooks.api.outgoing.EVENT"],
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_PUBLIC": True,
        "SERVE_AUTHENTICATION": [],
        "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
        "SCHEMA_PATH_PREFIX": r"/api/v1",
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayOperationId": True, "filter": True},
        "COMPONENT_SPLIT_REQUEST": True,
        "ENFORCE_NON_BLANK_FIELDS": True,
        "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
        "ENUM_NAME_OVERRIDES": {**ENUM_NAMES, "Scope": list(scopes)},
    }
