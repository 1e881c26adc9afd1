"""Monitoring's registration with Django."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """What happened on the API, and whether the installation is well."""

    name = "monitoring"
