"""Stripe. Source: docs.stripe.com, "Verify webhook signatures manually"."""

from webhooks.inbound.schemes.scheme import Sample, SecretError
from webhooks.inbound.schemes.timed_hmac import TimedHmac


class Stripe(TimedHmac):
    """A webhook endpoint of a Stripe account."""

    name = "stripe"
    label = "Stripe"
    hint = "The signing secret of the endpoint (whsec_…), in Stripe's Workbench under Webhooks."
    message_key = "body:id"
    event_type = "body:type"
    header = "Stripe-Signature"
    sample = Sample(
        body=b'{"id": "evt_sample", "object": "event", "type": "invoice.paid",'
        b' "data": {"object": {"id": "in_sample", "amount_paid": 1999}}}'
    )

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        if secret.startswith(("sk_", "pk_", "rk_")):
            raise SecretError(
                "This is an API key of Stripe; the signing secret of the endpoint begins with whsec_"
            )
