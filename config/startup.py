"""The project as an app of its own, so that its checks run with every command."""

from importlib import import_module

from django.apps import AppConfig


class StartupConfig(AppConfig):
    """Brings the checks of the settings."""

    name = "config"

    def ready(self) -> None:
        import_module("config.checks")
