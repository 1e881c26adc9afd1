"""Shopify: the HMAC-SHA256 of the body, in base64. Source: shopify.dev, "Deliver webhooks through HTTPS"."""

from webhooks.inbound.schemes.plain_hmac import PlainHmac
from webhooks.inbound.schemes.scheme import Sample


class Shopify(PlainHmac):
    """A webhook of an app for Shopify."""

    name = "shopify"
    label = "Shopify"
    hint = "The client secret of the app, under API credentials in Shopify's Dev Dashboard."
    message_key = "header:X-Shopify-Event-Id"
    event_type = "header:X-Shopify-Topic"
    header = "X-Shopify-Hmac-SHA256"
    encoding = "base64"
    sample = Sample(
        body=b'{"id": 820982911946154508, "email": "mia@example.com", "total_price": "19.99"}',
        headers={
            "content-type": "application/json",
            "x-shopify-topic": "orders/create",
            "x-shopify-event-id": "00000000-0000-4000-8000-000000000000",
        },
    )
