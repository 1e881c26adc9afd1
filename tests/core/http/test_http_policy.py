from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from core.http import EgressPolicy, from_settings


def test_settings_become_a_policy(settings: Settings, tmp_path: Path) -> None:
    bundle = tmp_path / "authorities.pem"
    bundle.write_text("")
    settings.OUTBOUND_HTTPS_ONLY = False
    settings.OUTBOUND_ALLOWED_NETWORKS = ["10.20.0.0/16", " fd00:1::/32 ", "192.168.1.9"]
    settings.OUTBOUND_CA_BUNDLE = str(bundle)

    policy = from_settings()

    assert policy == EgressPolicy(
        https_only=False,
        allowed_networks=(
            ip_network("10.20.0.0/16"),
            ip_network("fd00:1::/32"),
            ip_network("192.168.1.9/32"),
        ),
        ca_bundle=str(bundle),
    )


def test_unchanged_settings_give_the_same_policy(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["10.20.0.0/16"]

    assert from_settings() is from_settings()


@pytest.mark.parametrize("text", ["10.20.0.1/16", "10.20.0.0/33", "example.com", "", "10.*"])
def test_a_network_that_cannot_be_understood_stops_the_start(settings: Settings, text: str) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = [text]

    with pytest.raises(ImproperlyConfigured, match="OUTBOUND_ALLOWED_NETWORKS holds"):
        from_settings()


def test_a_missing_certificate_bundle_stops_the_start(settings: Settings, tmp_path: Path) -> None:
    settings.OUTBOUND_CA_BUNDLE = str(tmp_path / "missing.pem")

    with pytest.raises(ImproperlyConfigured, match="OUTBOUND_CA_BUNDLE names"):
        from_settings()


def test_a_blocked_network_of_the_settings_wins_over_an_allowed_one(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["10.20.0.0/16"]
    settings.OUTBOUND_BLOCKED_NETWORKS = ["10.20.30.0/24"]

    policy = from_settings()

    assert policy.refusal(ip_address("10.20.30.1")) == "blocked by the operator"
    assert policy.refusal(ip_address("10.20.31.1")) is None


def test_the_strictest_policy_is_the_default() -> None:
    policy = EgressPolicy()

    assert policy.https_only is True
    assert policy.refusal(ip_address("10.0.0.1")) == "private (RFC 1918)"
    assert policy.refusal(ip_address("8.8.8.8")) is None
