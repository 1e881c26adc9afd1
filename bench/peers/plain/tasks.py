"""One task for each delivery."""

import hashlib
import hmac
import json
import time
from typing import Any

import requests
from celery import shared_task
from django.utils import timezone

from bench.peers.plain.models import Attempt, Delivery

TIMEOUT_SECONDS = 15


@shared_task(bind=True, acks_late=True, max_retries=8)
def deliver(task: Any, delivery_id: int) -> None:
    """Send a delivery, write down what came of it, and try again later when it failed."""
    delivery = Delivery.objects.select_related("event", "endpoint").get(id=delivery_id)
    if delivery.state == "delivered":
        return
    body = json.dumps(
        {"id": delivery.event.id, "type": delivery.event.type, "data": delivery.event.payload}
    ).encode()
    try:
        response = requests.post(
            delivery.endpoint.url,
            data=body,
            headers=_headers(delivery, body),
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        response.raise_for_status()
    except requests.RequestException as error:
        Attempt.objects.create(delivery=delivery, error=str(error)[:500])
        raise task.retry(exc=error, countdown=2**task.request.retries) from error
    Attempt.objects.create(delivery=delivery, status_code=response.status_code)
    delivery.state = "delivered"
    delivery.delivered_at = timezone.now()
    delivery.save(update_fields=["state", "delivered_at"])


def _headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    signed = f"{delivery.id}.{timestamp}.".encode() + body
    signature = hmac.new(delivery.endpoint.secret.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "Webhook-Id": str(delivery.id),
        "Webhook-Timestamp": timestamp,
        "Webhook-Signature": f"v1,{signature}",
    }
