"""The admin site as an app of its own, so that it can be replaced."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """Django's admin, served by our site."""

    default_site = "config.admin.PatchbaySite"

    def ready(self) -> None:
        super().ready()
        # After every app has registered its own pages, those of foreign apps are replaced.
        import_module("config.foreign_admin")
