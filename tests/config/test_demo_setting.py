"""What the demonstration prepares: all of it once, its secrets anew each time."""

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from config.demo import setting
from core.models import ApiKey
from tests.subscriptions import make_delivery
from webhooks.models import Delivery, SigningSecret, Subscription

pytestmark = pytest.mark.django_db


def me(key: str) -> dict[str, object]:
    found: dict[str, object] = APIClient().get("/api/v1/me", HTTP_X_API_KEY=key).json()
    return found


def test_key_of_the_demonstration_may_do_everything() -> None:
    scene = setting.prepare("http://127.0.0.1:9001")

    assert me(scene.api_key)["scopes"] == sorted(settings.API_SCOPES)


def test_second_run_keeps_the_log_and_replaces_the_secrets() -> None:
    first = setting.prepare("http://127.0.0.1:9001")
    subscription = Subscription.objects.get()
    delivery = make_delivery(subscription)

    second = setting.prepare("http://127.0.0.1:9002")

    assert Subscription.objects.get().pk == subscription.pk
    assert Subscription.objects.get().url == "http://127.0.0.1:9002/orders"
    assert Subscription.objects.get().enabled is True
    assert Delivery.objects.get().pk == delivery.pk
    assert SigningSecret.objects.current().get().secret == second.signing_secret
    assert first.signing_secret != second.signing_secret
    assert me(first.api_key)["error"] == "INVALID_CREDENTIALS"
    assert ApiKey.objects.filter(revoked_at=None).count() == 1
