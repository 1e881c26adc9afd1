"""Core's registration with Django."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every other app stands on."""

    name = "core"
    verbose_name = "Events and access"
